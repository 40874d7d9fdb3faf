import type { ExperimentId, RunId, RunInfo } from '@stead/contracts'
import { useNavigate } from '@tanstack/react-router'
import { X } from 'lucide-react'
import { useState } from 'react'
import { useActs } from '../../frame/acts.tsx'
import { useMay } from '../../frame/may.ts'
import { useProject } from '../../frame/project.ts'
import { sentenceOf } from '../../live/failure.ts'
import { say } from '../../strings/message.ts'
import type { Message } from '../../strings/message.ts'
import { runs as words } from '../../strings/runs.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { tell } from '../../ui/toast.tsx'
import { MoveAsk, PurgeRunsAsk, TagAsk } from './bulk-asks.tsx'
import css from './bulk-bar.module.css'
import { bulk } from './bulk.ts'

export const MOST_COMPARED = 200

interface BarProps {
  readonly experiment: ExperimentId
  readonly selected: readonly RunId[]
  readonly infoOf: (run: RunId) => RunInfo | undefined
  /** All that match, where more do than are selected. */
  readonly more: { readonly count: number; readonly select: () => void } | undefined
  readonly onExport: () => void
  readonly onClear: () => void
  /** Something of the runs is different. */
  readonly onDone: () => void
}

/** What can be done with the runs that are selected; it floats above the foot of the page. */
export function BulkBar(props: BarProps) {
  const { experiment, selected, infoOf, more, onExport, onClear, onDone } = props
  const project = useProject()
  const navigate = useNavigate()
  const [asked, setAsked] = useState<'tag' | 'move' | 'purge'>()
  const change = useMay('run.change').because
  const mayDelete = useMay('run.delete').because
  const deleted = selected.filter((run) => infoOf(run)?.lifecycle === 'deleted')
  const count = selected.length
  const notCompared =
    count < 2 ? words.compareTwo : count > MOST_COMPARED ? say(words.compareMost, { count: MOST_COMPARED }) : undefined
  const compare = () =>
    void navigate({
      to: '/p/$project/experiments/$experiment/compare',
      params: { project, experiment: String(experiment) },
      search: { runs: selected.join(',') } as never,
    })
  const restore = (runs: readonly RunId[]) => carryOut(bulk.restore(project, runs), words.restored, onDone)
  const remove = () =>
    carryOut(bulk.delete(project, selected), words.deleted, onDone, () => restore(selected)).then(onClear)
  useActs([{ id: 'compare', label: words.compareRuns, key: 'c', because: notCompared, run: compare }])
  const done = () => {
    setAsked(undefined)
    onDone()
  }
  const ask = { project, runs: selected, onDone: done, onClose: () => setAsked(undefined) }
  return (
    <>
      <div className={css.place}>
        <div role="toolbar" aria-label={words.selectedLabel} className={css.bar}>
          <b className="num" role="status">
            {say(words.selected, { count })}
          </b>
          {more && <Button onClick={more.select}>{say(words.selectMatching, { count: more.count })}</Button>}
          <Button because={notCompared} onClick={compare}>
            {words.compare}
            <kbd aria-hidden>C</kbd>
          </Button>
          <Button because={change} onClick={() => setAsked('tag')}>
            {words.tag}
          </Button>
          <Button because={change} onClick={() => setAsked('move')}>
            {words.move}
          </Button>
          {deleted.length > 0 && (
            <Button because={mayDelete} onClick={() => void restore(deleted)}>
              {words.restore}
            </Button>
          )}
          {deleted.length < count && (
            <Button because={mayDelete} onClick={() => void remove()}>
              {words.delete}
            </Button>
          )}
          {deleted.length === count && (
            <Button because={mayDelete} onClick={() => setAsked('purge')}>
              {words.purge}
            </Button>
          )}
          <Button onClick={onExport}>{words.csv}</Button>
          <IconButton look="quiet" label={words.clear} icon={<X />} onClick={onClear} />
        </div>
      </div>
      {asked === 'tag' && <TagAsk {...ask} />}
      {asked === 'move' && <MoveAsk {...ask} from={experiment} />}
      {asked === 'purge' && <PurgeRunsAsk {...ask} onGone={onClear} />}
    </>
  )
}

/** Does it, says how many it was, and offers to take it back. */
async function carryOut(
  act: Promise<number>,
  said: Message & { other: string },
  onDone: () => void,
  undo?: () => unknown,
): Promise<void> {
  try {
    const count = await act
    tell(say(said as typeof words.deleted, { count }), undo ? { undo: () => void undo() } : {})
  } catch (error) {
    tell(say(words.failed, { why: sentenceOf(error) }), { failed: true })
  }
  onDone()
}
