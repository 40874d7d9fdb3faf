import type { Model, ServingSpan, Version } from '@stead/contracts'

/** The list of models with the newest versions of those that are open, flat, so that all of it can be virtual. */
export type ModelRow =
  | { readonly kind: 'model'; readonly model: Model; readonly isOpen: boolean }
  | {
      readonly kind: 'version'
      readonly version: Version
      readonly before: Version | undefined
      readonly spans: readonly ServingSpan[]
    }
  | { readonly kind: 'reading'; readonly model: Model }
  | { readonly kind: 'earlier'; readonly model: Model; readonly count: number }

/** What is known of a model that is open; versions are the newest first. */
export interface Opened {
  readonly versions: readonly Version[] | undefined
  readonly spans: readonly ServingSpan[]
}

export const SHOWN_VERSIONS = 5

export function rowsOf(models: readonly Model[], opened: ReadonlyMap<string, Opened>): ModelRow[] {
  return models.flatMap((model): ModelRow[] => {
    const open = opened.get(model.name)
    const head: ModelRow = { kind: 'model', model, isOpen: open !== undefined }
    if (!open) return [head]
    if (!open.versions) return [head, { kind: 'reading', model }]
    const shown = open.versions.slice(0, SHOWN_VERSIONS)
    const versions = shown.map((version, index): ModelRow => ({
      kind: 'version',
      version,
      before: open.versions?.[index + 1],
      spans: open.spans.filter((span) => span.version === version.version),
    }))
    const earlier = model.versions - shown.length
    return [head, ...versions, ...(earlier > 0 ? [{ kind: 'earlier', model, count: earlier } as const] : [])]
  })
}

export function keyOf(row: ModelRow): string {
  switch (row.kind) {
    case 'model':
      return row.model.name
    case 'version':
      return `${row.version.model}/${row.version.version}`
    case 'reading':
      return `${row.model.name}/?`
    case 'earlier':
      return `${row.model.name}/…`
  }
}
