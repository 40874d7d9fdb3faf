import { changeProject } from '@stead/contracts'
import type { Project } from '@stead/contracts'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { client } from '../live/client.ts'
import { sentenceOf } from '../live/failure.ts'
import { readings } from '../live/stale.ts'
import { frame } from '../strings/frame.ts'
import { say } from '../strings/message.ts'
import { TextArea } from '../ui/field.tsx'
import { FormDialog } from '../ui/form-dialog.tsx'

/** Says what a project is for. */
export function DescribeProjectDialog({ project, onClose }: { project: Project; onClose: () => void }) {
  const [description, setDescription] = useState(project.description)
  const [problem, setProblem] = useState<string>()
  const [busy, setBusy] = useState(false)
  const queries = useQueryClient()
  const change = async () => {
    setBusy(true)
    try {
      await client.call(changeProject, { params: { project: project.name }, body: { description } })
      await queries.invalidateQueries({ queryKey: readings.projects() })
      onClose()
    } catch (error) {
      setProblem(sentenceOf(error))
      setBusy(false)
    }
  }
  return (
    <FormDialog
      title={say(frame.describe, { project: project.name })}
      act={frame.saveDescription}
      busy={busy}
      problem={problem}
      onSubmit={() => void change()}
      onClose={onClose}
    >
      <TextArea
        label={frame.projectDescription}
        value={description}
        onChange={setDescription}
        maxLength={5000}
        rows={3}
        autoFocus
      />
    </FormDialog>
  )
}
