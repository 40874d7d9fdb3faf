import type { Act, ProjectName } from '@stead/contracts'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { projectsQuery } from '../../frame/project.ts'
import { useSubmit } from '../../live/use-submit.ts'
import { tokens as words } from '../../strings/tokens.ts'
import { TextField, Tick } from '../../ui/field.tsx'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { ActsField } from './acts-field.tsx'
import { AllOrThese } from './all-or-these.tsx'
import { daysOf, ExpiryField } from './expiry-field.tsx'
import type { Expiry } from './expiry-field.tsx'
import { SecretShown } from './secret-shown.tsx'

export interface TokenAsked {
  readonly name: string
  readonly projects: ProjectName[] | null
  readonly acts: Act[] | null
  readonly days: number | null
}

/** How a program sends a token of the API. */
export const sendToken = (secret: string) =>
  `export STEAD_TOKEN=${secret}\nstead status\n\ncurl -H "Authorization: Bearer $STEAD_TOKEN" ${location.origin}/api/v1/projects`

/** Asks what a token is for, makes it, and shows its secret. */
export function TokenAsk({
  title,
  act,
  of,
  use = sendToken,
  onMake,
  onClose,
}: {
  title: string
  act: string
  /** A person's token may be kept to projects, an account's lives in one, and a join token has no acts to choose. */
  of: 'person' | 'account' | 'runner'
  use?: (secret: string) => string
  onMake: (asked: TokenAsked) => Promise<{ readonly name: string; readonly secret: string }>
  onClose: () => void
}) {
  const [name, setName] = useState('')
  const [expiry, setExpiry] = useState<Expiry>(of === 'runner' ? 'never' : '90')
  const [projects, setProjects] = useState<readonly ProjectName[] | null>(null)
  const [acts, setActs] = useState<readonly Act[] | null>(null)
  const [made, setMade] = useState<{ readonly name: string; readonly secret: string }>()
  const form = useSubmit(['name', 'projects', 'acts'], { name_taken: 'name' })
  if (made) return <SecretShown {...made} use={use(made.secret)} onClose={onClose} />
  const wrong = {
    name: name.trim() === '' ? words.nameMissing : undefined,
    projects: projects?.length === 0 ? words.noProjects : undefined,
    acts: acts?.length === 0 ? words.noActs : undefined,
  }
  const make = async () =>
    setMade(
      await onMake({
        name: name.trim(),
        projects: projects && [...projects],
        acts: acts && [...acts],
        days: daysOf(expiry),
      }),
    )
  return (
    <FormDialog
      title={title}
      says={of === 'runner' ? undefined : words.never_more}
      act={act}
      busy={form.busy}
      problem={form.problems.whole}
      onSubmit={() => void form.submit(wrong, make)}
      onClose={onClose}
    >
      <TextField
        label={words.name}
        hint={words.nameHint}
        value={name}
        error={form.problems.name}
        maxLength={100}
        autoComplete="off"
        autoFocus
        onChange={(text) => {
          setName(text)
          form.mend('name')
        }}
      />
      <ExpiryField value={expiry} onChange={setExpiry} />
      {of === 'person' && (
        <ProjectsField
          value={projects}
          error={form.problems.projects}
          onChange={(next) => {
            setProjects(next)
            form.mend('projects')
          }}
        />
      )}
      {of !== 'runner' && (
        <ActsField
          value={acts}
          error={form.problems.acts}
          inProject={of === 'account'}
          onChange={(next) => {
            setActs(next)
            form.mend('acts')
          }}
        />
      )}
    </FormDialog>
  )
}

function ProjectsField({
  value,
  error,
  onChange,
}: {
  value: readonly ProjectName[] | null
  error: string | undefined
  onChange: (projects: readonly ProjectName[] | null) => void
}) {
  const all = useQuery(projectsQuery).data?.projects ?? []
  return (
    <AllOrThese
      label={words.projects}
      all={words.allProjects}
      these={words.theseProjects}
      value={value}
      error={error}
      onChange={onChange}
    >
      {(chosen) =>
        all.map(({ name }) => (
          <Tick
            key={name}
            checked={chosen.includes(name)}
            onChange={(isOn) => onChange(isOn ? [...chosen, name] : chosen.filter((one) => one !== name))}
          >
            {name}
          </Tick>
        ))
      }
    </AllOrThese>
  )
}
