import { queryOptions } from '@tanstack/react-query'

export interface FileEntry {
  /** From the top, with slashes between and none at the ends. */
  readonly path: string
  readonly isDirectory: boolean
  readonly size: number | null
}

/** The files of one thing, of a run or a model, wherever they are kept. */
export interface FileSource {
  /** Tells sources apart; what was read is kept under it. Files of the same key do not change unnoticed: who hears of a
   *  change invalidates it. */
  readonly key: readonly string[]
  /** What is directly in a folder, the top being ''. A folder that is not there has nothing in it. */
  list(path: string, options?: { signal?: AbortSignal }): Promise<readonly FileEntry[]>
  /** Where the browser itself gets the bytes: for downloads, audio and video. */
  url(path: string): string
  /** Bytes from the first place of the range up to the second, without it; fewer where the file ends before, none past
   *  its end. Fails with a code that ends in `_not_found` where there is no such file. */
  read(path: string, options: { range?: readonly [from: number, until: number]; signal?: AbortSignal }): Promise<Blob>
}

/** What is known of a model apart from its files, for the lines that load and deploy it. */
export interface ModelPlace {
  /** As MLflow's clients name it, such as `models:/weather/3`; by its id otherwise. */
  readonly uri?: string
  /** As MLflow's clients reach this project. */
  readonly trackingUri?: string
  /** The registered model that it is a version of. */
  readonly model?: string
}

/** What every viewer is given. */
export interface ViewProps {
  readonly source: FileSource
  readonly path: string
  /** Null where the source does not know it. */
  readonly size: number | null
  /** The first bytes. */
  readonly head: Uint8Array
  readonly place?: ModelPlace | undefined
  /** Shows another file of the same source. */
  readonly onShow: (path: string) => void
}

export const folderOf = (path: string): string => path.slice(0, Math.max(path.lastIndexOf('/'), 0))
export const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

export const listQuery = (source: FileSource, path: string) =>
  queryOptions({
    queryKey: [...source.key, 'list', path],
    queryFn: ({ signal }) => source.list(path, { signal }),
  })

const HEAD = 8192

export const headQuery = (source: FileSource, path: string, size: number | null) =>
  queryOptions({
    queryKey: [...source.key, 'head', path, size],
    queryFn: async ({ signal }) =>
      size === 0
        ? new Uint8Array()
        : new Uint8Array(await (await source.read(path, { range: [0, HEAD], signal })).arrayBuffer()),
  })

/** More than `limit` bytes are not shown here. */
export class TooLargeError extends Error {
  readonly limit: number
  constructor(limit: number) {
    super('the file is too large to be shown')
    this.limit = limit
  }
}

/** The whole file, or TooLargeError. */
export async function readWhole(
  { source, path, size }: Pick<ViewProps, 'source' | 'path' | 'size'>,
  limit: number,
  signal?: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  if (size !== null && size > limit) throw new TooLargeError(limit)
  const blob = await source.read(path, { range: [0, limit + 1], ...(signal ? { signal } : {}) })
  if (blob.size > limit) throw new TooLargeError(limit)
  return new Uint8Array(await blob.arrayBuffer())
}

/** The whole file, read under a limit and made into what a viewer shows. */
export const wholeQuery = <T>(
  props: ViewProps,
  as: string,
  limit: number,
  make: (bytes: Uint8Array<ArrayBuffer>) => T,
) =>
  queryOptions({
    queryKey: [...props.source.key, as, props.path, props.size],
    queryFn: async ({ signal }) => make(await readWhole(props, limit, signal)),
    gcTime: 60_000,
  })

export const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)
