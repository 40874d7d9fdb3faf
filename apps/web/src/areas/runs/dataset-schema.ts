export interface SchemaColumn {
  readonly name: string
  readonly type: string
  /** Undefined where the schema does not say. */
  readonly isRequired: boolean | undefined
}

const fields = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {}
const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : undefined

function parsed(text: string | null): unknown {
  if (text === null) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The columns of a dataset as MLflow's clients write them down; undefined for what they write otherwise. */
export function schemaColumns(schema: string | null): SchemaColumn[] | undefined {
  const document = fields(parsed(schema))
  const columns = document.mlflow_colspec
  if (Array.isArray(columns)) return columns.map(columnOf)
  const tensors = fields(document.mlflow_tensorspec)
  const parts = [...tensorsIn(tensors.features, 'features'), ...tensorsIn(tensors.targets, 'targets')]
  return parts.length > 0 ? parts : undefined
}

function columnOf(column: unknown, at: number): SchemaColumn {
  const { name, type, required } = fields(column)
  return {
    name: Array.isArray(name) ? name.join('.') : (textOf(name) ?? `#${at + 1}`),
    type: textOf(type) ?? (type === undefined ? '?' : JSON.stringify(type)),
    isRequired: typeof required === 'boolean' ? required : undefined,
  }
}

function tensorsIn(value: unknown, part: string): SchemaColumn[] {
  const list = Array.isArray(value) ? value : []
  return list.map((one: unknown): SchemaColumn => {
    const { name, 'tensor-spec': spec } = fields(one)
    const { dtype, shape } = fields(spec)
    const own = textOf(name)
    return {
      name: own === undefined ? part : `${part}.${own}`,
      type: `${textOf(dtype) ?? '?'} ${Array.isArray(shape) ? `(${shape.join(', ')})` : ''}`.trim(),
      isRequired: undefined,
    }
  })
}

/** How many rows the profile of a dataset tells, under whichever of the names that clients use. */
export function rowsIn(profile: string | null): number | undefined {
  const document = fields(parsed(profile))
  for (const name of ['num_rows', 'features_num_rows', 'num_examples', 'approx_count']) {
    const count = document[name]
    if (typeof count === 'number') return count
  }
  const shape = fields(document.features_shape)
  const first: unknown = Array.isArray(document.features_shape) ? document.features_shape[0] : Object.values(shape)[0]
  return typeof first === 'number' ? first : undefined
}

/** Where a dataset comes from: an address of the web to follow, or the words of its source. */
export function sourceOf(source: string): { readonly url?: string; readonly text: string } {
  const document = fields(parsed(source))
  const named = ['url', 'uri', 'path', 'table_name', 'delta_table_name']
    .map((name) => textOf(document[name]))
    .find(Boolean)
  const text = named ?? source
  return /^https?:\/\//i.test(text) ? { url: text, text } : { text }
}
