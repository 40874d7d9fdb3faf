import { useEffect, useLayoutEffect, useRef } from 'react'

/** Single letters and sequences of two (`g d`), outside of fields and dialogs. They open things; they change nothing. */
export type KeyMap = Readonly<Record<string, (event: KeyboardEvent) => void>>

const SETTING = 'stead.single-keys'
const PATIENCE_MS = 1200
const maps: { current: KeyMap }[] = []
let prefix: { key: string; at: number } | undefined

export const singleKeysAreOn = (): boolean => localStorage.getItem(SETTING) !== 'off'
export const setSingleKeys = (on: boolean): void => localStorage.setItem(SETTING, on ? 'on' : 'off')

function isTyping(event: KeyboardEvent): boolean {
  const target = event.target instanceof Element ? event.target : undefined
  return (
    target?.closest(
      'input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable], [role=listbox], [role=menu]',
    ) !== null && target !== undefined
  )
}

/** Notices are dialogs as well, but ones beside which the page goes on. */
export const inDialog = (): boolean =>
  document.querySelector(':is([role=dialog], [role=alertdialog]):not([aria-modal=false])') !== null

function onKeyDown(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return
  if (isTyping(event) || inDialog() || !singleKeysAreOn()) return
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key
  const isSequence = prefix !== undefined && performance.now() - prefix.at < PATIENCE_MS
  const pressed = isSequence ? `${prefix!.key} ${key}` : event.shiftKey && event.key !== '?' ? `shift ${key}` : key
  prefix = undefined
  // The newest screen is asked first.
  for (const map of maps.toReversed()) {
    const act = map.current[pressed]
    if (act) {
      event.preventDefault()
      act(event)
      return
    }
  }
  if (!isSequence && maps.some((map) => Object.keys(map.current).some((one) => one.startsWith(`${key} `))))
    prefix = { key, at: performance.now() }
}

/** Keys that count while the component is on the screen. */
export function useKeys(map: KeyMap): void {
  const current = useRef(map)
  useLayoutEffect(() => {
    current.current = map
  })
  useEffect(() => {
    if (maps.length === 0) document.addEventListener('keydown', onKeyDown)
    maps.push(current)
    return () => {
      maps.splice(maps.indexOf(current), 1)
      if (maps.length === 0) document.removeEventListener('keydown', onKeyDown)
    }
  }, [])
}
