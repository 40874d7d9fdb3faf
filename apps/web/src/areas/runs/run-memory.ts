/** What a run says by itself of how it was made: by these tags clients keep it. */
export const TAGS = {
  source: 'mlflow.source.name',
  sourceType: 'mlflow.source.type',
  commit: 'mlflow.source.git.commit',
  branch: 'mlflow.source.git.branch',
  remote: 'mlflow.source.git.repoURL',
  difference: 'stead.git.difference',
  dirty: 'mlflow.source.git.dirty',
  diff: 'mlflow.source.git.diff',
  host: 'stead.host',
  forkedFrom: 'stead.forkedFrom',
} as const

export type Difference =
  | { readonly is: 'unknown' }
  | { readonly is: 'clean' }
  /** With the file of the run that holds it, where there is one. */
  | { readonly is: 'changed'; readonly path?: string }

/** Whether the code of a run was just as it had been committed. */
export function differenceOf(tags: Readonly<Record<string, string>>): Difference {
  const told = tags[TAGS.difference]
  if (told !== undefined) return told === 'none' ? { is: 'clean' } : { is: 'changed', path: 'git/uncommitted.diff' }
  const dirty = tags[TAGS.dirty]?.toLowerCase()
  if (dirty === 'false') return { is: 'clean' }
  return dirty === 'true' || tags[TAGS.diff] !== undefined ? { is: 'changed' } : { is: 'unknown' }
}

const isNotebookPath = (path: string) => /\.ipynb$/i.test(path)

/** Whether the code of a run was a notebook. */
export const isOfNotebook = (tags: Readonly<Record<string, string>>): boolean =>
  tags[TAGS.sourceType] === 'NOTEBOOK' || isNotebookPath(tags[TAGS.source] ?? '')

const nameIn = (path: string) => path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1)

/** Of the files of a run the notebook that was kept with it: the one that is called like its source, else the first. */
export function notebookAmong(paths: readonly string[], tags: Readonly<Record<string, string>>): string | undefined {
  const notebooks = paths.filter(isNotebookPath)
  const source = nameIn(tags[TAGS.source] ?? '').toLowerCase()
  return notebooks.find((path) => nameIn(path).toLowerCase() === source) ?? notebooks[0]
}
