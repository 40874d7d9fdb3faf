import { useSyncExternalStore } from 'react'
import { say } from '../strings/message.ts'
import { ui } from '../strings/ui.ts'
import { Tip } from './tip.tsx'

const day = new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: 'numeric', month: 'short' })
const dayWithYear = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' })
const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' })
const shortClock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' })
const exact = new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeStyle: 'long' })

export const clockTime = (at: Date | number | string): string => clock.format(new Date(at))
export const clockMinute = (at: Date | number | string): string => shortClock.format(new Date(at))
export const exactTime = (at: Date | number | string): string => exact.format(new Date(at))
export const dayOf = (at: Date | number | string): string => day.format(new Date(at))

/** "14 min ago" under a day, else "Mon 9 Mar". */
export function ago(at: string | number | Date, now: number): string {
  const then = new Date(at).getTime()
  const seconds = Math.round((then - now) / 1000)
  const size = Math.abs(seconds)
  // The time is read every ten seconds; what happened since then lies ahead of it.
  if (size < 5 || (seconds > 0 && seconds < 20)) return say(ui.justNow)
  if (size < 60) return say(ui.secondsAgo, { n: size })
  if (size < 3600) return say(ui.minutesAgo, { n: Math.round(size / 60) })
  if (size < 86_400) return say(ui.hoursAgo, { n: Math.round(size / 3600) })
  return size < 300 * 86_400 ? day.format(then) : dayWithYear.format(then)
}

/** The time, read again every ten seconds by all who show an age: one timer for the page. */
const listeners = new Set<() => void>()
let now = Date.now()
let timer: ReturnType<typeof setInterval> | undefined

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  timer ??= setInterval(() => {
    now = Date.now()
    for (const one of listeners) one()
  }, 10_000)
  return () => {
    listeners.delete(listener)
    if (listeners.size > 0) return
    clearInterval(timer)
    timer = undefined
  }
}
export const useNow = (): number => useSyncExternalStore(subscribe, () => now)

/** An age, with the exact time and zone for those who point at it or come by keyboard. */
export function Ago({ at }: { at: string | number | Date }) {
  const time = new Date(at)
  return (
    <Tip says={exactTime(time)}>
      <time dateTime={time.toISOString()} className="nowrap num">
        {ago(time, useNow())}
      </time>
    </Tip>
  )
}
