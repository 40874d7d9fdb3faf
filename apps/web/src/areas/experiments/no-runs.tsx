import type { ExperimentId } from '@stead/contracts'
import { useQueries } from '@tanstack/react-query'
import { useProject } from '../../frame/project.ts'
import { say, show } from '../../strings/message.ts'
import { runs as words } from '../../strings/runs.ts'
import { Button } from '../../ui/button.tsx'
import { Empty } from '../../ui/waiting.tsx'
import { conjunctsOf, withoutConjunct } from './filter-text.ts'
import type { Look } from './look.ts'
import { countQuery } from './runs.queries.ts'

/** Each costs a count. */
const MOST_TRIED = 5

/** Nothing matches: which part of the filter it is, and how many there were without it. */
export function NoRuns({
  experiment,
  look,
  onLook,
}: {
  experiment: ExperimentId
  look: Look
  onLook: (part: Partial<Look>) => void
}) {
  const project = useProject()
  const { filter, state } = look
  const parts = conjunctsOf(filter).slice(0, MOST_TRIED)
  const tried = useQueries({
    queries: parts.map((_, index) => countQuery(project, experiment, withoutConjunct(filter, index), state)),
  })
  const at = tried.findIndex(({ data, isPlaceholderData }) => !isPlaceholderData && (data ?? 0) > 0)
  if (filter === '' && state !== 'active')
    return (
      <Empty
        title={words.noneDeleted}
        says={words.noneDeletedSays}
        act={<Button onClick={() => onLook({ state: 'active' })}>{words.showActive}</Button>}
      />
    )
  if (at < 0)
    return (
      <Empty
        title={words.noMatch}
        says={words.noMatchSays}
        act={<Button onClick={() => onLook({ filter: '' })}>{words.clearFilter}</Button>}
      />
    )
  const count = tried[at]?.data ?? 0
  const message = count === 1 ? words.without.one : words.without.other
  return (
    <Empty
      title={words.noMatch}
      says={
        <span className="wrap">
          {show(message, { part: <code>{parts[at]?.text}</code>, count: say('{count}', { count }) })}
        </span>
      }
      act={<Button onClick={() => onLook({ filter: withoutConjunct(filter, at) })}>{words.removeThatPart}</Button>}
    />
  )
}
