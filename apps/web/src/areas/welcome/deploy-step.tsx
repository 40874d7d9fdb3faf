import { createDeployment, DEFAULT_SERVING, DeploymentName, SteadError } from '@stead/contracts'
import type { ProjectName, RouteTable, Version } from '@stead/contracts'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { useMay } from '../../frame/may.ts'
import { client } from '../../live/client.ts'
import { sentenceOf } from '../../live/failure.ts'
import { beginRun, useRuns } from '../../live/running.ts'
import type { Run } from '../../live/running.ts'
import { say } from '../../strings/message.ts'
import { welcome as words } from '../../strings/welcome.ts'
import { Button } from '../../ui/button.tsx'
import { TextField } from '../../ui/field.tsx'
import { Banner } from '../../ui/waiting.tsx'
import { useTranscript } from '../deployments/change-told.tsx'
import { Stages } from '../deployments/change-transcript.tsx'
import { deploymentsQuery } from '../deployments/deployment.queries.ts'
import type { Steps } from './use-steps.ts'
import css from './welcome.module.css'

/** Makes the deployment and tells each stage while it happens. */
export function DeployStep({ project, version, steps }: { project: ProjectName; version: Version; steps: Steps }) {
  const [name, setName] = useState(() => nameFrom(version.model))
  const [error, setError] = useState<string>()
  const [begun, setBegun] = useState<string>()
  const run = useRuns().findLast(
    (one) => one.project === project && one.change.kind === 'deploy' && one.change.deployment === begun,
  )
  const standing = useQuery(deploymentsQuery(project)).data?.deployments ?? []
  const own = standing.filter(({ table }) => table.model === version.model)
  const isBusy = run?.is === 'running' || run?.is === 'asking'
  const { go } = steps
  const isDone = run?.is === 'done'
  useEffect(() => {
    if (isDone) go({ step: 'ask', deployment: begun })
    // eslint-disable-next-line react/exhaustive-deps -- once, when it has come to its end
  }, [isDone])

  const { because } = useMay('deployment.create')
  const submit = async () => {
    if (because !== undefined) return
    const wrong = problemOf(name, standing)
    setError(wrong)
    if (wrong !== undefined || isBusy) return
    setBegun(name)
    const word = await deploy(project, DeploymentName.parse(name), version)
    if (word.is === 'turned-away') setError(inWords(word.error, name))
  }
  return (
    <>
      <p className="dim">{words.deploy.says}</p>
      {own.length > 0 && (
        <div className={css.part}>
          <h3>{words.deploy.stands}</h3>
          <div className={css.models}>
            {own.map((deployment) => (
              <Button key={deployment.name} onClick={() => go({ step: 'ask', deployment: deployment.name })}>
                {say(words.deploy.goOnWith, { deployment: deployment.name })}
              </Button>
            ))}
          </div>
        </div>
      )}
      <form
        className={css.part}
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          void submit()
        }}
      >
        <TextField
          label={words.deploy.name}
          hint={words.deploy.nameHint}
          error={error}
          value={name}
          onChange={(text) => {
            setName(text)
            if (error !== undefined) setError(problemOf(text, standing))
          }}
          onBlur={() => setError(problemOf(name, standing))}
          autoComplete="off"
          spellCheck={false}
        />
        <div>
          <Button look="filled" type="submit" busy={isBusy} because={because}>
            {run?.is === 'refused'
              ? words.deploy.again
              : say(words.deploy.act, { model: version.model, version: version.version })}
          </Button>
        </div>
      </form>
      {run && <Told run={run} project={project} />}
    </>
  )
}

function Told({ run, project }: { run: Run; project: ProjectName }) {
  const { rows, facts } = useTranscript({ project, change: run.change, deployment: undefined })
  return (
    <div className={css.part} aria-live="polite">
      {run.change.failure && <Banner is="failed">{run.change.failure.message}</Banner>}
      <Stages rows={rows} facts={facts} />
    </div>
  )
}

function deploy(project: ProjectName, name: DeploymentName, version: Version) {
  const after: RouteTable = {
    generation: 1 as RouteTable['generation'],
    model: version.model,
    contract: version.signature,
    routes: [{ version: version.version, weight: 100 }],
    shadows: [],
    config: DEFAULT_SERVING,
    parked: null,
  }
  return beginRun(
    project,
    { deployment: name, kind: 'deploy', before: null, after, reason: '' },
    (idempotencyKey, onStage) =>
      client.follow(
        createDeployment,
        { params: { project }, body: { name, model: version.model, version: version.version }, idempotencyKey },
        onStage,
      ),
  )
}

function problemOf(name: string, standing: readonly { readonly name: string }[]): string | undefined {
  if (!DeploymentName.safeParse(name).success) return words.deploy.nameHint
  return standing.some((one) => one.name === name) ? say(words.deploy.taken, { name }) : undefined
}

const inWords = (error: unknown, name: string): string =>
  error instanceof SteadError && error.code === 'name_taken' ? say(words.deploy.taken, { name }) : sentenceOf(error)

/** What of a model's name a deployment may be called. */
const nameFrom = (model: string): string =>
  model
    .replaceAll(/[^A-Za-z0-9._-]+/g, '-')
    .replaceAll(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, '')
    .slice(0, 60)
    .replace(/[^A-Za-z0-9]+$/, '')
