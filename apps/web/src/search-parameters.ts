/** Those of the named search parameters that are there, as texts. */
export function texts<K extends string>(given: Record<string, unknown>, ...names: K[]): { [P in K]?: string } {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = given[name]
      return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
        ? [[name, String(value)]]
        : []
    }),
  ) as { [P in K]?: string }
}

/** Search parameters are texts, written as they are: links are read and typed by people. */
export const plainSearch = {
  parseSearch: (text: string) => Object.fromEntries(new URLSearchParams(text)),
  stringifySearch: (search: Record<string, unknown>) => {
    const given = Object.entries(search).flatMap(([name, value]) =>
      typeof value === 'string' || typeof value === 'number' ? [[name, String(value)]] : [],
    )
    return given.length === 0 ? '' : `?${new URLSearchParams(given)}`
  },
}
