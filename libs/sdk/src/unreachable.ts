/** No answer came: the server is not there, or the connection broke. */
export class UnreachableError extends Error {
  readonly url: string
  constructor(url: string, cause: unknown) {
    super(`no answer from ${url}: ${reasonOf(cause)}`, { cause })
    this.name = 'UnreachableError'
    this.url = url
  }
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  const inner = cause.cause
  return inner instanceof Error && inner.message ? inner.message : cause.message
}
