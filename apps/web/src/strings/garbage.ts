/** Words of what nothing names any more. */
export const garbage = {
  title: 'Left over',
  says: 'Files of purged runs and models, and bytes that no file and no version names. What is younger than an hour stays.',
  project: 'Project',
  what: 'what is left over',
  nothing: 'Nothing is left over.',
  files: { one: '{count} file', other: '{count} files' },
  artifacts: { one: '{count} artifact', other: '{count} artifacts' },
  found: '{files} and {artifacts} can go: {size} become free.',
  collect: 'Collect',
  collecting: 'Collecting…',
  soFar: '{files} and {artifacts} are gone, {size} are free so far.',
  done: '{files} and {artifacts} are gone, {size} are free.',
} as const
