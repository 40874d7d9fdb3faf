import type { LoggedModelStatus } from '@stead/contracts'
import { loggedModels as words } from '../../strings/logged-models.ts'
import { StateWord } from '../../ui/state-mark.tsx'
import type { Mark } from '../../ui/state-mark.tsx'

const MARKS: Readonly<Record<LoggedModelStatus, Mark>> = { PENDING: 'moving', READY: 'passed', UPLOAD_FAILED: 'failed' }

export const LoggedModelState = ({ status }: { status: LoggedModelStatus }) => (
  <StateWord is={MARKS[status]}>{words.states[status]}</StateWord>
)
