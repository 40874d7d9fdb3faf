/** Canvases do not know the variables of style sheets: their values, read again whenever the theme changes. */
const known = new Map<string, string>()
const listeners = new Set<() => void>()
let observer: MutationObserver | undefined

/** `var(--c1)` as a colour; any other colour as it is. */
export function colourNow(colour: string): string {
  const name = /^var\((--[\w-]+)\)$/.exec(colour)?.[1]
  if (name === undefined) return colour
  const found = known.get(name) ?? getComputedStyle(document.documentElement).getPropertyValue(name).trim()
  known.set(name, found)
  return found
}

export const faded = (colour: string, share: number): string =>
  `color-mix(in srgb, ${colourNow(colour)} ${share * 100}%, transparent)`

/** Tells when colours are others than before. */
export function onThemeChange(listener: () => void): () => void {
  observer ??= new MutationObserver(() => {
    known.clear()
    for (const one of listeners) one()
  })
  if (listeners.size === 0) observer.observe(document.documentElement, { attributeFilter: ['data-theme'] })
  listeners.add(listener)
  return () => {
    listeners.delete(listener)
    if (listeners.size > 0) return
    observer?.disconnect()
    known.clear()
  }
}
