import { deleteExperiment, restoreExperiment } from '@stead/contracts'
import type { ExperimentSummary } from '@stead/contracts'
import { Copy, Ellipsis, FileText, PencilLine, RotateCcw, Trash2 } from 'lucide-react'
import { useMay } from '../../frame/may.ts'
import { useProject } from '../../frame/project.ts'
import { client } from '../../live/client.ts'
import { sentenceOf } from '../../live/failure.ts'
import { experiments as words } from '../../strings/experiments.ts'
import { say } from '../../strings/message.ts'
import { IconButton } from '../../ui/button.tsx'
import { copyText } from '../../ui/copy.tsx'
import { Menu } from '../../ui/menu.tsx'
import type { MenuItem } from '../../ui/menu.tsx'
import { tell } from '../../ui/toast.tsx'
import { useStaleExperiments } from './experiment-asks.tsx'

export type ExperimentAsk = 'rename' | 'note' | 'purge'

/** Deletes it, and offers to take that back; restores it. */
export function useDeleting(): {
  remove: (experiment: ExperimentSummary) => void
  restore: (experiment: ExperimentSummary) => void
} {
  const project = useProject()
  const stale = useStaleExperiments()
  const restore = ({ id, name }: ExperimentSummary) =>
    void client.call(restoreExperiment, { params: { project, experiment: id } }).then(
      () => {
        stale()
        tell(say(words.restored, { name }))
      },
      (error: unknown) => tell(say(words.restoreFailed, { name, why: sentenceOf(error) }), { failed: true }),
    )
  const remove = (experiment: ExperimentSummary) => {
    const { id, name } = experiment
    void client.call(deleteExperiment, { params: { project, experiment: id }, query: {} }).then(
      () => {
        stale()
        tell(say(words.deleted, { name }), { undo: () => restore(experiment) })
      },
      (error: unknown) => tell(say(words.deleteFailed, { name, why: sentenceOf(error) }), { failed: true }),
    )
  }
  return { remove, restore }
}

/** What can be done with an experiment, behind three dots. */
export function ExperimentActs({
  experiment,
  more = [],
  onAsk,
}: {
  experiment: ExperimentSummary
  more?: readonly MenuItem[]
  onAsk: (ask: ExperimentAsk) => void
}) {
  const { remove, restore } = useDeleting()
  const change = useMay('experiment.change').because
  const mayDelete = useMay('experiment.delete').because
  const isDeleted = experiment.lifecycle === 'deleted'
  const stays = Number(experiment.id) === 0 ? words.isDefault : mayDelete
  const id = String(experiment.id)
  return (
    <Menu
      label={say(words.actsOf, { name: experiment.name })}
      trigger={<IconButton look="quiet" label={say(words.actsOf, { name: experiment.name })} icon={<Ellipsis />} />}
      items={[
        ...more,
        ...(isDeleted
          ? [{ label: words.restore, icon: <RotateCcw />, because: change, onSelect: () => restore(experiment) }]
          : [
              { label: words.rename, icon: <PencilLine />, because: change, onSelect: () => onAsk('rename') },
              { label: words.edit, icon: <FileText />, because: change, onSelect: () => onAsk('note') },
            ]),
        { label: say(words.copyId, { id }), icon: <Copy />, onSelect: () => void copyText(id) },
        ...(isDeleted
          ? []
          : [{ label: words.delete, icon: <Trash2 />, because: stays, onSelect: () => remove(experiment) }]),
        { label: words.purge, icon: <Trash2 />, danger: true, because: stays, onSelect: () => onAsk('purge') },
      ]}
    />
  )
}
