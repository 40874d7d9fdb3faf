import type { CallOf, logDatasets } from '@stead/contracts'
import type { Surroundings } from './surroundings.ts'

/** Data that a run used. It is known by name and digest: the same digest is the same data. */
export interface DatasetUse {
  readonly name: string
  /** At most 36 characters. That of the file, where `path` names one. */
  readonly digest?: string
  /** A file of this machine, which is read for its digest and not sent. */
  readonly path?: string
  /** Where it came from, as an address or a description. */
  readonly source?: string
  readonly sourceType?: string
  readonly schema?: object
  /** Counts and statistics. */
  readonly profile?: object
  /** What for: `training`, `validation`. */
  readonly context?: string
  readonly tags?: Readonly<Record<string, string>>
}

type Sent = NonNullable<CallOf<typeof logDatasets>['body']['datasets']>[number]

const LONGEST_DIGEST = 36

export async function datasetOf(use: DatasetUse, surroundings: Surroundings | undefined): Promise<Sent> {
  const { name, path, context } = use
  const read = path === undefined ? undefined : await surroundings?.digestOf(path)
  const digest = use.digest ?? read?.slice('sha256:'.length, 'sha256:'.length + LONGEST_DIGEST)
  if (digest === undefined) throw new TypeError(`the dataset "${name}" needs a digest, or on Node a path`)
  return {
    name,
    digest,
    sourceType: use.sourceType ?? (path === undefined ? 'external' : 'local'),
    source: use.source ?? JSON.stringify(path === undefined ? {} : { uri: path }),
    schema: textOf(use.schema),
    profile: textOf(use.profile),
    tags: { ...(context === undefined ? {} : { 'mlflow.data.context': context }), ...use.tags },
  }
}

const textOf = (document: object | undefined) => (document === undefined ? null : JSON.stringify(document))
