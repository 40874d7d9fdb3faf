import type { KnownFile, PushRequest } from './push.ts'

/** Pushes that are not done, kept for the next page of this browser: a reload loses the files, and nothing else. */
export interface Remembered {
  readonly id: string
  readonly request: PushRequest
  readonly files: readonly KnownFile[]
  /** When the page that works on it was last heard of, in ms; 0 once it was left. */
  readonly heldAt: number
}

const KEY = 'stead.pushes'
/** A page that has been silent for so long is gone, though it never said so. */
export const HELD_MS = 15_000

export function remembered(): readonly Remembered[] {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? '[]') as Remembered[]
  } catch {
    return []
  }
}

export function remember(one: Remembered): void {
  write([...remembered().filter(({ id }) => id !== one.id), one])
}

export function forget(id: string): void {
  write(remembered().filter((one) => one.id !== id))
}

/** Says of some of them that their page is here, or, with 0, that it is being left. */
export function hold(ids: ReadonlySet<string>, heldAt: number): void {
  if (ids.size === 0) return
  write(remembered().map((one) => (ids.has(one.id) ? { ...one, heldAt } : one)))
}

/** Hears when another page of this browser has changed what is remembered. */
export function onRemembered(listener: () => void): void {
  addEventListener('storage', ({ key }) => key === KEY && listener())
}

function write(all: readonly Remembered[]): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(all))
  } catch {
    // Without room to remember, a push still works while its page is open.
  }
}
