/** Why something could not be read or done, where the server did not say it itself. */
export const failures = {
  unreachable: 'the server does not answer.',
  unexpected: 'something unexpected happened: {message}',
} as const
