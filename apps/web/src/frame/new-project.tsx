import { createProject, ProjectName } from '@stead/contracts'
import { useNavigate } from '@tanstack/react-router'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { client } from '../live/client.ts'
import { sentenceOf } from '../live/failure.ts'
import { readings } from '../live/stale.ts'
import { frame } from '../strings/frame.ts'
import { ui } from '../strings/ui.ts'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { TextField } from '../ui/field.tsx'

export function NewProjectDialog({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState('')
  const [description, setDescription] = useState('')
  const [failure, setFailure] = useState<string>()
  const [busy, setBusy] = useState(false)
  const navigate = useNavigate()
  const queries = useQueryClient()
  const errorOf = (text: string) => ProjectName.safeParse(text).error?.issues[0]?.message
  const create = async () => {
    const wrong = errorOf(name)
    if (wrong) return setFailure(wrong)
    setBusy(true)
    try {
      await client.call(createProject, { body: { name: ProjectName.parse(name), description } })
      await queries.invalidateQueries({ queryKey: readings.projects() })
      onClose()
      await navigate({ to: '/p/$project', params: { project: name } })
    } catch (error) {
      setFailure(sentenceOf(error))
      setBusy(false)
    }
  }
  return (
    <Dialog
      title={frame.newProject}
      says={frame.projectExplained}
      size="narrow"
      onClose={onClose}
      acts={
        <>
          <Button onClick={onClose}>{ui.cancel}</Button>
          <Button look="filled" busy={busy} onClick={() => void create()}>
            {frame.createProject}
          </Button>
        </>
      }
    >
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault()
          void create()
        }}
      >
        <TextField
          label={frame.projectName}
          hint={frame.projectNameRule}
          value={name}
          error={failure}
          onChange={(text) => {
            setName(text)
            setFailure(failure === undefined ? undefined : errorOf(text))
          }}
          onBlur={() => setFailure(name === '' ? undefined : errorOf(name))}
          autoComplete="off"
          autoFocus
        />
        <TextField label={frame.projectDescription} value={description} onChange={setDescription} maxLength={5000} />
      </form>
    </Dialog>
  )
}
