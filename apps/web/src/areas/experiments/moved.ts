/** The list with one of its members at another place. */
export function moved<T>(list: readonly T[], one: T, to: number): T[] {
  const rest = list.filter((other) => other !== one)
  const at = Math.min(Math.max(to, 0), rest.length)
  return [...rest.slice(0, at), one, ...rest.slice(at)]
}
