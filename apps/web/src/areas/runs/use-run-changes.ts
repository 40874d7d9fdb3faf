import { deleteRuns, restoreRuns } from '@stead/contracts'
import type { Run } from '@stead/contracts'
import { useQueryClient } from '@tanstack/react-query'
import { useProject } from '../../frame/project.ts'
import { client } from '../../live/client.ts'
import { sentenceOf } from '../../live/failure.ts'
import { readings } from '../../live/stale.ts'
import { say } from '../../strings/message.ts'
import { run as words } from '../../strings/run.ts'
import { tell } from '../../ui/toast.tsx'

/** Deleting and restoring, which take each other back. */
export function useRunChanges({ id, name, experiment }: Pick<Run, 'id' | 'name' | 'experiment'>) {
  const project = useProject()
  const queries = useQueryClient()
  const body = { runs: [id] }
  const readAgain = () =>
    Promise.all([
      queries.invalidateQueries({ queryKey: readings.run(project, id) }),
      queries.invalidateQueries({ queryKey: readings.runs(project, experiment) }),
    ])
  const restore = async () => {
    try {
      await client.call(restoreRuns, { params: { project }, body })
      await readAgain()
      tell(say(words.restored, { name }))
    } catch (error) {
      tell(say(words.restoreFailed, { name, why: sentenceOf(error) }), { failed: true })
    }
  }
  const remove = async () => {
    try {
      await client.call(deleteRuns, { params: { project }, body })
      await readAgain()
      tell(say(words.deleted, { name }), { undo: () => void restore() })
    } catch (error) {
      tell(say(words.deleteFailed, { name, why: sentenceOf(error) }), { failed: true })
    }
  }
  return { remove, restore }
}
