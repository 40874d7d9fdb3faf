import { setDeploymentOwner } from '@stead/contracts'
import type { DeploymentName, ProjectName } from '@stead/contracts'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { client } from '../../live/client.ts'
import { readings } from '../../live/stale.ts'
import { useSubmit } from '../../live/use-submit.ts'
import { say } from '../../strings/message.ts'
import { members as words } from '../../strings/members.ts'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { SelectField } from '../../ui/select.tsx'
import { accountsQuery, membersQuery } from './members.queries.ts'

/** Takes a member or a service account out of the project. What they answer for is handed over first, in the same step. */
export function RemoveAsk({
  project,
  owner,
  name,
  deployments,
  title,
  says,
  act,
  because,
  onRemove,
  onClose,
}: {
  project: ProjectName
  /** As the owner of a deployment is written: `ada`, `service:ci`. */
  owner: string
  /** As people read it. */
  name: string
  deployments: readonly DeploymentName[]
  title: string
  says: string
  act: string
  because: string | undefined
  onRemove: () => Promise<void>
  onClose: () => void
}) {
  const queries = useQueryClient()
  const heirs = useHeirs(project).filter(({ value }) => value !== owner)
  const [heir, setHeir] = useState<string | null>(null)
  const form = useSubmit(['heir'], { member_not_found: 'heir' })
  const remove = async () => {
    if (heir !== null)
      for (const deployment of deployments)
        await client.call(setDeploymentOwner, { params: { project, deployment }, body: { owner: heir } })
    await onRemove()
    await queries.invalidateQueries({ queryKey: readings.members(project) })
    await queries.invalidateQueries({ queryKey: readings.accounts(project) })
    onClose()
  }
  const isAnswering = deployments.length > 0
  const all = deployments.join(', ')
  return (
    <FormDialog
      title={title}
      says={says}
      act={act}
      danger
      busy={form.busy}
      because={because}
      problem={form.problems.whole}
      onSubmit={() => void form.submit({ heir: isAnswering && heir === null ? words.heirMissing : undefined }, remove)}
      onClose={onClose}
    >
      {isAnswering && (
        <>
          <p className="wrap">{say(words.heirSays, { name, deployments: all })}</p>
          <SelectField
            label={say(words.heir, { deployments: all })}
            value={heir}
            error={form.problems.heir}
            options={heirs}
            onChange={(next) => {
              setHeir(next)
              form.mend('heir')
            }}
          />
        </>
      )}
    </FormDialog>
  )
}

/** Who can answer for a deployment. */
function useHeirs(project: ProjectName) {
  const members = useQuery(membersQuery(project)).data?.members ?? []
  const accounts = useQuery(accountsQuery(project)).data?.accounts ?? []
  return [
    ...members.map(({ name, displayName }) => ({ value: name as string, label: displayName, note: name })),
    ...accounts.map(({ name }) => ({ value: `service:${name}`, label: `service:${name}`, note: undefined })),
  ]
}
