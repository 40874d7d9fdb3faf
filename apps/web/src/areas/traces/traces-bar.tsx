import { deleteTraces } from '@stead/contracts'
import type { ExperimentId, TraceId } from '@stead/contracts'
import { useQueryClient } from '@tanstack/react-query'
import { X } from 'lucide-react'
import { useState } from 'react'
import { useMay } from '../../frame/may.ts'
import { useProject } from '../../frame/project.ts'
import { client } from '../../live/client.ts'
import { sentenceOf } from '../../live/failure.ts'
import { say } from '../../strings/message.ts'
import { traces as words } from '../../strings/traces.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { ConfirmDialog } from '../../ui/dialog.tsx'
import { tell } from '../../ui/toast.tsx'
import css from '../experiments/bulk-bar.module.css'
import { tracesKey } from './traces.queries.ts'

/** The server takes as many at once. */
const AT_ONCE = 1_000

interface BarProps {
  readonly experiment: ExperimentId
  readonly selected: readonly TraceId[]
  readonly onClear: () => void
}

/** What can be done with the traces that are selected; it floats above the foot of the page. */
export function TracesBar({ experiment, selected, onClear }: BarProps) {
  const project = useProject()
  const queries = useQueryClient()
  const [isAsked, setAsked] = useState(false)
  const { because } = useMay('trace.delete')
  const count = selected.length
  const remove = async () => {
    let gone = 0
    try {
      for (let at = 0; at < count; at += AT_ONCE) {
        const body = { experiment, traces: selected.slice(at, at + AT_ONCE) }
        gone += (await client.call(deleteTraces, { params: { project }, body })).traces
      }
    } finally {
      // One that fails leaves those before it deleted.
      void queries.invalidateQueries({ queryKey: tracesKey(project, experiment) })
    }
    tell(say(words.deleted, { count: gone }))
    onClear()
  }
  return (
    <>
      <div className={css.place}>
        <div role="toolbar" aria-label={words.selectedLabel} className={css.bar}>
          <b className="num" role="status">
            {say(words.selected, { count })}
          </b>
          <Button because={because} onClick={() => setAsked(true)}>
            {words.delete}
          </Button>
          <IconButton look="quiet" label={words.clearSelection} icon={<X />} onClick={onClear} />
        </div>
      </div>
      {isAsked && (
        <ConfirmDialog
          title={say(words.deleteTitle, { count })}
          says={words.deleteSays}
          act={words.delete}
          because={because}
          onConfirm={remove}
          onClose={() => setAsked(false)}
          failureOf={sentenceOf}
        />
      )}
    </>
  )
}
