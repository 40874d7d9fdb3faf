import { say } from '../../strings/message.ts'
import { plots as words } from '../../strings/plots.ts'
import type { Axis } from './scale.ts'

/** The name of an axis with its unit and that it is logarithmic. */
export const axisWords = (axis: Axis): string => [axis.name, unitWords(axis)].filter(Boolean).join(', ')

/** Its unit, and that it is logarithmic; undefined when there is nothing to say. */
export const unitWords = ({ unit, scale }: Pick<Axis, 'unit' | 'scale'>): string | undefined =>
  [unit, scale === 'log' ? words.log : undefined].filter(Boolean).join(', ') || undefined

/** What a picture leaves out, as notes below it. */
export const withoutPlace = (count: number): string[] => (count > 0 ? [say(words.withoutPlace, { count })] : [])
