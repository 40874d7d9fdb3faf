import type { Trace } from '@stead/contracts'
import { traces as words } from '../../strings/traces.ts'
import { StateWord } from '../../ui/state-mark.tsx'
import type { Mark } from '../../ui/state-mark.tsx'

const MARKS: Readonly<Record<Trace['state'], Mark>> = {
  STATE_UNSPECIFIED: 'waiting',
  IN_PROGRESS: 'moving',
  OK: 'passed',
  ERROR: 'failed',
}

export const TraceState = ({ state }: Pick<Trace, 'state'>) => (
  <StateWord is={MARKS[state]}>{words.states[state]}</StateWord>
)
