export interface PageOf<T> {
  readonly items: readonly T[]
  readonly next: string | null
}

/** The items of all pages, each page read when it is wanted. */
export async function* eachOf<T>(read: (after: { after?: string }) => Promise<PageOf<T>>): AsyncGenerator<T, void> {
  for (let after: { after?: string } | undefined = {}; after;) {
    const { items, next }: PageOf<T> = await read(after)
    yield* items
    after = next === null ? undefined : { after: next }
  }
}

export async function allOf<T>(read: (after: { after?: string }) => Promise<PageOf<T>>): Promise<T[]> {
  const all: T[] = []
  for await (const item of eachOf(read)) all.push(item)
  return all
}
