import type { RunStatus } from '@stead/contracts'
import { runs as words } from '../../strings/runs.ts'
import { StateMark, StateWord } from '../../ui/state-mark.tsx'
import type { Mark } from '../../ui/state-mark.tsx'

const MARKS: Readonly<Record<RunStatus, Mark>> = {
  RUNNING: 'moving',
  SCHEDULED: 'waiting',
  FINISHED: 'passed',
  FAILED: 'failed',
  KILLED: 'off',
}

export const StatusMark = ({ status }: { status: RunStatus }) => (
  <StateMark is={MARKS[status]} label={words.states[status]} />
)

export const StatusWord = ({ status }: { status: RunStatus }) => (
  <StateWord is={MARKS[status]}>{words.states[status]}</StateWord>
)
