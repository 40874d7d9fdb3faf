import { Fragment, createElement } from 'react'
import type { ReactNode } from 'react'

/** A sentence with named slots in braces; one that counts has a form for one and a form for other numbers. */
export type Message = string | { readonly one: string; readonly other: string }

type SlotsIn<S extends string> = S extends `${string}{${infer Name}}${infer Rest}` ? Name | SlotsIn<Rest> : never
type SlotsOf<M extends Message> = M extends { one: infer A extends string; other: infer B extends string }
  ? SlotsIn<A> | SlotsIn<B> | 'count'
  : M extends string
    ? SlotsIn<M>
    : never
type Given<M extends Message, Value> = [SlotsOf<M>] extends [never] ? [] : [slots: Record<SlotsOf<M>, Value>]

/** The language of the console's own words; numbers and dates follow it as well. */
export const LANGUAGE = 'en'
const plural = new Intl.PluralRules(LANGUAGE)
const number = new Intl.NumberFormat(LANGUAGE, { maximumFractionDigits: 2, useGrouping: 'min2' })

/** Large numbers with thin spaces between thousands. */
export const grouped = (value: number): string => number.format(value).replaceAll(',', ' ')

function formOf(message: Message, count: unknown): string {
  if (typeof message === 'string') return message
  return typeof count === 'number' && plural.select(count) === 'one' ? message.one : message.other
}

/** The message with its slots filled, as text. */
export function say<const M extends Message>(message: M, ...[slots]: Given<M, string | number>): string {
  const given = (slots ?? {}) as Record<string, string | number>
  return formOf(message, given.count).replaceAll(/\{(\w+)\}/g, (_, name: string) => textOf(given[name]))
}

/** The message with elements in its slots. */
export function show<const M extends Message>(message: M, ...[slots]: Given<M, ReactNode>): ReactNode {
  return fill(message, (slots ?? {}) as Record<string, ReactNode>)
}

/** The same for a message that is chosen while the page runs: slots it does not have are left out. */
export function fill(message: Message, slots: Record<string, ReactNode>): ReactNode {
  const parts = formOf(message, slots.count).split(/\{(\w+)\}/g)
  return parts.map((part, index) =>
    createElement(Fragment, { key: index }, index % 2 === 0 ? part : elementOf(slots[part])),
  )
}

const textOf = (value: string | number | undefined) => (typeof value === 'number' ? grouped(value) : (value ?? ''))
const elementOf = (value: ReactNode) => (typeof value === 'number' ? grouped(value) : value)
