import { createDeployment, DEFAULT_SERVING, DeploymentName, SteadError } from '@stead/contracts'
import type { ModelName, ProjectName, RouteTable, Version } from '@stead/contracts'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { useMay } from '../../frame/may.ts'
import { useProject } from '../../frame/project.ts'
import { client } from '../../live/client.ts'
import { sentenceOf } from '../../live/failure.ts'
import { beginRun, seeRun, useRuns } from '../../live/running.ts'
import { asks } from '../../strings/change-asks.ts'
import { say } from '../../strings/message.ts'
import { ui } from '../../strings/ui.ts'
import { Button } from '../../ui/button.tsx'
import { DialogContent, DialogFrame } from '../../ui/dialog.tsx'
import { TextField } from '../../ui/field.tsx'
import { Banner } from '../../ui/waiting.tsx'
import { useKept } from './change-kept.ts'
import { ChangeTold } from './change-told.tsx'
import { isCommitted } from './change-words.ts'
import { deploymentsQuery } from './deployment.queries.ts'
import css from './new-deployment.module.css'
import { ConfigFields, configPatch, configProblems, configText, patched } from './settings-tab-config.tsx'
import type { ConfigText } from './settings-tab-config.tsx'
import { ModelField, useVersions, VersionField, versionNamed } from './swap-version.tsx'

const words = asks.create

/** Makes a deployment: the form, then its transcript, then its page. */
export function NewDeployment({ asked, onClose }: { asked: 'create' | 'running'; onClose: () => void }) {
  const project = useProject()
  const navigate = useNavigate()
  const run = useRuns().findLast(
    ({ project: of, change, is }) => of === project && change.kind === 'deploy' && is !== 'asking',
  )
  const isDone = run?.is === 'done'
  // The page of what was made shows the end of the same transcript.
  useEffect(() => {
    if (asked !== 'running') return
    if (!run) return void navigate({ to: '.', search: {}, replace: true } as never)
    if (run.is === 'refused' && !run.isSeen) seeRun(run.key)
    if (isDone)
      void navigate({
        to:
          run.change.id === null
            ? '/p/$project/deployments/$deployment'
            : '/p/$project/deployments/$deployment/changes/$change',
        params: { project, deployment: run.change.deployment, change: run.change.id ?? '' },
        replace: true,
      } as never)
  }, [asked, run, isDone, navigate, project])
  const again = () => void navigate({ to: '.', search: { do: 'create' } } as never)
  // Once it is committed there is a page to go to, even while the runners still catch up.
  const leave = () => {
    if (asked !== 'running' || !run || !isCommitted(run.change)) return onClose()
    void navigate({
      to: '/p/$project/deployments/$deployment',
      params: { project, deployment: run.change.deployment },
      search: {},
      replace: true,
    })
  }
  return (
    <DialogFrame onClose={leave} {...(asked === 'running' ? { size: 'wide' } : {})}>
      {asked === 'running' && run ? (
        <ChangeTold
          project={project}
          change={run.change}
          run={run}
          deployment={undefined}
          onClose={leave}
          onAgain={again}
        />
      ) : (
        <CreateForm
          project={project}
          onClose={onClose}
          onBegun={() => void navigate({ to: '.', search: { do: 'running' }, replace: true } as never)}
        />
      )}
    </DialogFrame>
  )
}

interface Draft {
  readonly name: string
  readonly model: string | undefined
  readonly version: string | undefined
  readonly reason: string
  readonly config: ConfigText
}

function CreateForm({ project, onClose, onBegun }: { project: ProjectName; onClose: () => void; onBegun: () => void }) {
  const { model: given, to } = useSearch({ strict: false }) as { model?: string; to?: string }
  const [draft, setDraft, forget] = useKept<Draft>(`create ${project} ${given ?? ''} ${to ?? ''}`, {
    name: '',
    model: given,
    version: to,
    reason: '',
    config: configText(DEFAULT_SERVING),
  })
  const { model, version, problems, config } = useChecked(project, draft)
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set())
  const [refused, setRefused] = useState<{ name?: string; rest?: string }>({})
  const [busy, setBusy] = useState(false)
  const { because } = useMay('deployment.create')
  const change = (next: Partial<Draft>) => {
    setDraft({ ...draft, ...next })
    setRefused({})
  }
  const submit = async () => {
    setLeft(new Set(['name', 'model']))
    if (busy || because !== undefined || Object.keys(problems).length > 0 || !version || !model) return
    setBusy(true)
    const error = await deploy(project, { ...draft, version, config })
    setBusy(false)
    if (error !== undefined) return setRefused(placed(error))
    forget()
    onBegun()
  }
  const told = (field: 'name' | 'model') => (left.has(field) ? problems[field] : undefined)
  return (
    <DialogContent
      title={words.title}
      says={words.says}
      acts={
        <>
          <Button onClick={onClose}>{ui.cancel}</Button>
          <Button
            look="filled"
            busy={busy}
            because={because ?? (left.size > 0 ? problems.config : undefined)}
            onClick={() => void submit()}
          >
            {words.act}
          </Button>
        </>
      }
    >
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault()
          void submit()
        }}
      >
        <TextField
          label={words.name}
          unit={words.nameUnit}
          hint={words.nameHint}
          value={draft.name}
          error={told('name') ?? refused.name}
          autoComplete="off"
          spellCheck={false}
          onChange={(name) => {
            change({ name })
            // A letter that no name may have is told at once: the next one cannot mend it.
            if (/[^A-Za-z0-9._-]/.test(name)) setLeft(new Set([...left, 'name']))
          }}
          onBlur={() => draft.name !== '' && setLeft(new Set([...left, 'name']))}
        />
        <ModelField
          project={project}
          value={model}
          error={told('model')}
          onChange={(next) => change({ model: next, version: undefined })}
        />
        {model !== undefined && (
          <VersionField
            project={project}
            model={model}
            value={version && Number(version.version)}
            onChange={(next) => change({ version: String(next.version) })}
          />
        )}
        {version && <Promised version={version} />}
        <details className={css.more}>
          <summary>
            {words.advanced} <span className="faint">{words.advancedHint}</span>
          </summary>
          <ConfigFields text={draft.config} onChange={(next) => change({ config: next })} />
        </details>
        <TextField
          label={asks.reason}
          unit={say(asks.keptWith, { generation: '1' })}
          hint={asks.reasonHint}
          value={draft.reason}
          maxLength={1000}
          autoComplete="off"
          onChange={(reason) => change({ reason })}
        />
        {refused.rest !== undefined && (
          <div role="alert">
            <Banner is="failed">{say(asks.notBegun, { why: refused.rest })}</Banner>
          </div>
        )}
        <button type="submit" hidden tabIndex={-1} aria-hidden />
      </form>
    </DialogContent>
  )
}

const problemOf = (name: string): string | undefined =>
  name === '' ? words.nameMissing : DeploymentName.safeParse(name).success ? undefined : words.nameWrong

function useChecked(project: ProjectName, draft: Draft) {
  const model = draft.model as ModelName | undefined
  const number = draft.version !== undefined && /^\d+$/.test(draft.version) ? Number(draft.version) : undefined
  const { versions } = useVersions(project, model, number)
  const { data } = useQuery(deploymentsQuery(project))
  const version = versionNamed(versions, draft.version) ?? (draft.version === undefined ? versions[0] : undefined)
  const isTaken = data?.deployments.some(({ name }) => name === draft.name) ?? false
  const name = isTaken ? say(words.nameTaken, { name: draft.name }) : problemOf(draft.name)
  const config = Object.values(configProblems(draft.config))[0]
  const problems: { name?: string; model?: string; config?: string } = {
    ...(name === undefined ? {} : { name }),
    ...(model !== undefined && version !== undefined ? {} : { model: words.modelMissing }),
    ...(config === undefined ? {} : { config }),
  }
  return { model, version, problems, config: config === undefined ? configPatch(draft.config, DEFAULT_SERVING) : {} }
}

type Wanted = Pick<Draft, 'name' | 'reason'> & { version: Version; config: ReturnType<typeof configPatch> }

/** Resolves with why it did not begin. */
async function deploy(project: ProjectName, { name, reason, version, config }: Wanted): Promise<unknown> {
  const after: RouteTable = {
    generation: 1 as RouteTable['generation'],
    model: version.model,
    contract: version.signature,
    routes: [{ version: version.version, weight: 100 }],
    shadows: [],
    config: patched(DEFAULT_SERVING, config),
    parked: null,
  }
  const deployment = DeploymentName.parse(name)
  const word = await beginRun(
    project,
    { deployment, kind: 'deploy', before: null, after, reason },
    (idempotencyKey, onStage) =>
      client.follow(
        createDeployment,
        {
          params: { project },
          body: { name: deployment, model: version.model, version: version.version, config, reason },
          idempotencyKey,
        },
        onStage,
      ),
  )
  return word.is === 'turned-away' ? word.error : undefined
}

const placed = (error: unknown): { name?: string; rest?: string } =>
  error instanceof SteadError && (error.code === 'name_taken' || error.where === 'body.name')
    ? { name: sentenceOf(error) }
    : { rest: sentenceOf(error) }

function Promised({ version: { version, signature } }: { version: Version }) {
  return (
    <p className="dim">
      {say(words.contract, {
        inputs: say(asks.swap.inputs, { count: signature.inputs.length }),
        outputs: say(asks.swap.outputs, { count: signature.outputs.length }),
        version: String(version),
      })}
    </p>
  )
}
