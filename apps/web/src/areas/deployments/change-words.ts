import type { ChangeKind, Deployment } from '@stead/contracts'
import type { KnownChange, Run } from '../../live/running.ts'
import { changes as words } from '../../strings/changes.ts'
import { say } from '../../strings/message.ts'
import { rowsOf } from './change-stages.ts'
import type { StageRow } from './change-stages.ts'
import { sharesOf } from './states.ts'
import type { StateInWords } from './states.ts'

/** The version that a change is about: the one that answers most after it. */
export const mainVersion = ({ after }: Pick<KnownChange, 'after'>): number => sharesOf(after)[0]?.version ?? 0

/** "Swap forecast to v8". */
export function titleOf(change: Pick<KnownChange, 'kind' | 'deployment' | 'after'>): string {
  const slots = { deployment: change.deployment, version: String(mainVersion(change)), model: change.after.model }
  const titles: Record<ChangeKind, string> = {
    deploy: say(words.titles.deploy, slots),
    swap: say(words.titles.swap, slots),
    repurpose: say(words.titles.repurpose, slots),
    rollback: say(words.titles.rollback, slots),
    traffic: say(words.titles.traffic, slots),
    park: say(words.titles.park, slots),
    wake: say(words.titles.wake, slots),
  }
  return titles[change.kind]
}

/** A failure that the commit came before: callers meet the new table. */
export const isCommitted = (change: KnownChange): boolean =>
  change.committedAt !== null || change.failure?.code === 'acknowledgement_late'

const NOT_FAILURES: Readonly<Record<string, string>> = {
  aborted: words.states.aborted,
  superseded: words.states.superseded,
}

/** How a change stands, in one state. */
export function changeState(change: KnownChange, after: readonly StageRow[] = [], run?: Run['is']): StateInWords {
  const { failure } = change
  if (failure && isCommitted(change)) return { is: 'attention', word: words.states.late }
  if (failure && failure.code in NOT_FAILURES) return { is: 'off', word: NOT_FAILURES[failure.code]! }
  if (failure) return { is: 'failed', word: words.states.refused }
  if (change.endedAt !== null) {
    const drain = after.find(({ name, is }) => name === 'drain' && is === 'draining')
    if (drain)
      return {
        is: 'draining',
        word: say(words.states.draining, { versions: drain.leaving?.map((one) => `v${one}`).join(', ') ?? '' }),
      }
    return change.detached.length > 0
      ? { is: 'attention', word: words.states.detached }
      : { is: 'passed', word: words.states.committed }
  }
  if (run === 'lost') return { is: 'attention', word: words.states.lost }
  if (change.committedAt !== null) return { is: 'moving', word: words.states.confirming }
  const now = rowsOf(change, 0).find(({ is }) => is === 'moving')
  return { is: 'moving', word: now ? words.names[now.name] : words.states.waiting }
}

/** Whether the deployment's change under way is the one that this tab asked for and has not heard the id of. */
export function isOwn(run: Run, change: Deployment['change']): boolean {
  if (!change || run.change.id !== null) return false
  const { kind, reason, before, after } = run.change
  return (
    change.kind === kind &&
    change.reason === reason &&
    change.before?.generation === before?.generation &&
    JSON.stringify([change.after.routes, change.after.shadows]) === JSON.stringify([after.routes, after.shadows])
  )
}
