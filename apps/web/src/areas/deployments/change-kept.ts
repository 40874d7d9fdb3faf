import { useCallback, useState } from 'react'

/** State that survives a reload, in this tab: what a person has typed is not lost. */
export function useKept<T>(name: string, initial: T): [T, (next: T) => void, () => void] {
  const key = `stead.kept ${name}`
  const [value, setValue] = useState<T>(() => read(key) ?? initial)
  const keep = useCallback(
    (next: T) => {
      setValue(next)
      write(key, JSON.stringify(next))
    },
    [key],
  )
  const forget = useCallback(() => sessionStorage.removeItem(key), [key])
  return [value, keep, forget]
}

function read<T>(key: string): T | undefined {
  try {
    const text = sessionStorage.getItem(key)
    // Written below, by the same form: its shape is known.
    return text === null ? undefined : (JSON.parse(text) as T)
  } catch {
    return undefined
  }
}

function write(key: string, text: string): void {
  try {
    sessionStorage.setItem(key, text)
  } catch {
    // No room, or storage is forbidden: it is kept on the screen alone.
  }
}
