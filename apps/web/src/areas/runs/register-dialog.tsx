import { createModel, ModelName, registerVersion, SteadError } from '@stead/contracts'
import type { LoggedModelId, Run } from '@stead/contracts'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import { useMay } from '../../frame/may.ts'
import { useProject } from '../../frame/project.ts'
import { client } from '../../live/client.ts'
import { Reading } from '../../live/reading.tsx'
import { readings } from '../../live/stale.ts'
import { useSubmit } from '../../live/use-submit.ts'
import { say } from '../../strings/message.ts'
import { run as words } from '../../strings/run.ts'
import { NameField } from '../../ui/field.tsx'
import { FormDialog } from '../../ui/form-dialog.tsx'
import { SelectField } from '../../ui/select.tsx'
import { tell } from '../../ui/toast.tsx'
import type { FileSource } from '../files/source.ts'
import { modelFolders } from './model-folders.ts'
import { runSource } from './run-source.ts'
import type { RunDialogProps } from './run-dialogs.tsx'
import { modelsOfRunQuery } from './runs.queries.ts'

interface Registrable {
  /** As MLflow's clients name it. */
  readonly source: string
  readonly label: string
  readonly loggedModel: LoggedModelId | null
  /** What its maker called it. */
  readonly name: string
}

/** What of a run can be registered: the logged models that it made, and its folders with a description of a model. */
function useRegistrables(run: Run) {
  const project = useProject()
  const models = useQuery(modelsOfRunQuery(project, run.id))
  const source = useMemo((): FileSource => runSource(project, run.id), [project, run.id])
  const folders = useQuery({
    queryKey: [...readings.run(project, run.id), 'model-folders'],
    queryFn: ({ signal }) => modelFolders((path) => source.list(path, { signal })),
  })
  const made = (models.data?.loggedModels ?? []).filter((model) => model.run === run.id && model.status === 'READY')
  const registrables: Registrable[] = [
    ...made.map((model) => ({
      source: `models:/${model.id}`,
      label: say(words.loggedModelOf, { name: model.name }),
      loggedModel: model.id,
      name: model.name,
    })),
    ...(folders.data ?? []).map((path) => ({
      source: path === '' ? `runs:/${run.id}` : `runs:/${run.id}/${path}`,
      label: say(words.folderOf, { path: path === '' ? '/' : path }),
      loggedModel: null,
      name: path.split('/').at(-1) ?? '',
    })),
  ]
  return { folders, registrables }
}

/** Asks what to register, and under which name. */
export function RegisterDialog({ run, onClose }: RunDialogProps) {
  const project = useProject()
  const queries = useQueryClient()
  const navigate = useNavigate()
  const { because } = useMay('version.create')
  const { folders, registrables } = useRegistrables(run)
  const [chosen, setChosen] = useState<string>()
  const [typed, setTyped] = useState<string>()
  const { busy, problems, submit, mend } = useSubmit(['name', 'source'])
  const from = registrables.find(({ source }) => source === chosen) ?? registrables[0]
  const name = typed ?? from?.name ?? ''
  const register = () => {
    const model = ModelName.safeParse(name.trim())
    const wrong = {
      source: from ? undefined : words.nothingToRegister,
      name: model.success ? undefined : words.registerName,
    }
    void submit(wrong, async () => {
      if (!from || !model.success) return
      await madeIfNew(project, model.data)
      const { version } = await client.call(registerVersion, {
        params: { project, model: model.data },
        body: { source: from.source, run: run.id, loggedModel: from.loggedModel },
      })
      await queries.invalidateQueries({ queryKey: readings.run(project, run.id) })
      onClose()
      const params = { project, model: model.data, version: String(version) }
      tell(say(words.registeredAs, { model: model.data, version: String(version) }), {
        act: {
          label: words.openVersion,
          run: () => void navigate({ to: '/p/$project/models/$model/$version', params }),
        },
      })
    })
  }
  return (
    <FormDialog
      title={say(words.registerTitle, { name: run.name })}
      says={words.registerSays}
      act={words.registerAct}
      busy={busy}
      because={because ?? (folders.isSuccess && registrables.length === 0 ? words.nothingToRegister : undefined)}
      problem={problems.whole}
      onSubmit={register}
      onClose={onClose}
    >
      {registrables.length === 0 ? (
        <Reading of={folders} what={words.tabs.files}>
          {() => <p className="dim">{words.nothingToRegister}</p>}
        </Reading>
      ) : (
        <SelectField
          label={words.registerFrom}
          value={from?.source ?? null}
          error={problems.source}
          options={registrables.map(({ source, label }) => ({ value: source, label }))}
          onChange={setChosen}
        />
      )}
      <NameField
        label={words.registerAs}
        hint={words.registerHint}
        value={name}
        error={problems.name}
        onChange={(text) => {
          setTyped(text)
          mend('name')
        }}
      />
    </FormDialog>
  )
}

async function madeIfNew(project: ReturnType<typeof useProject>, name: ModelName): Promise<void> {
  try {
    await client.call(createModel, { params: { project }, body: { name } })
  } catch (error) {
    if (!(error instanceof SteadError && error.code === 'name_taken')) throw error
  }
}
