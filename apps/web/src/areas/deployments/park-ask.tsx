import { deleteDeployment, parkDeployment, wakeDeployment } from '@stead/contracts'
import type { Deployment, DeploymentName, Parked, ProjectName } from '@stead/contracts'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useMay } from '../../frame/may.ts'
import { client } from '../../live/client.ts'
import { sentenceOf } from '../../live/failure.ts'
import { readings } from '../../live/stale.ts'
import { asks } from '../../strings/change-asks.ts'
import { fill, say } from '../../strings/message.ts'
import type { Message } from '../../strings/message.ts'
import { ConfirmDialog } from '../../ui/dialog.tsx'
import { figure } from '../../ui/numbers.ts'
import { tell } from '../../ui/toast.tsx'
import { AskForm, useAsk } from './change-ask.tsx'
import type { AskProps } from './change-ask.tsx'
import { FiguresNow } from './change-figures.tsx'
import { glanceQuery } from './deployment.queries.ts'
import css from './park-ask.module.css'

/** Asks until when the engines are to be unloaded. */
export function ParkAsk(props: AskProps) {
  const { project, deployment, onClose } = props
  const { table, name } = deployment
  const words = asks.park
  const ask = useAsk(props, 'park')
  const [until, setUntil] = useState<Parked>('request')
  const submit = () =>
    void ask.ask('park', { ...table, parked: until }, (idempotencyKey, onStage) =>
      client.follow(
        parkDeployment,
        {
          params: { project, deployment: name },
          body: { until, expectedGeneration: ask.expectedGeneration, reason: ask.reason },
          idempotencyKey,
        },
        onStage,
      ),
    )
  return (
    <AskForm
      title={say(words.title, { deployment: name })}
      says={words.says}
      act={words.act}
      ask={ask}
      onSubmit={submit}
      onClose={onClose}
    >
      <fieldset className={css.options}>
        <legend>{words.until}</legend>
        <Until value="request" title={words.request} says={words.requestSays} chosen={until} onChange={setUntil} />
        <Until value="load" title={words.load} says={words.loadSays} chosen={until} onChange={setUntil} />
      </fieldset>
      <p>
        <RateNow project={project} deployment={name} rate={words.rate} quiet={words.quiet} />
      </p>
      <FiguresNow project={project} deployment={name} />
    </AskForm>
  )
}

function Until({
  value,
  title,
  says,
  chosen,
  onChange,
}: {
  value: Parked
  title: string
  says: string
  chosen: Parked
  onChange: (value: Parked) => void
}) {
  return (
    <label className={css.option}>
      <input type="radio" name="until" value={value} checked={chosen === value} onChange={() => onChange(value)} />
      <b>{title}</b>
      <small className="dim">{says}</small>
    </label>
  )
}

/** Asks whether the engines are to be loaded again. */
export function WakeAsk(props: AskProps) {
  const { project, deployment, onClose } = props
  const { table, name } = deployment
  const words = asks.wake
  const ask = useAsk(props, 'wake')
  const submit = () =>
    void ask.ask('wake', { ...table, parked: null }, (idempotencyKey, onStage) =>
      client.follow(
        wakeDeployment,
        {
          params: { project, deployment: name },
          body: { expectedGeneration: ask.expectedGeneration, reason: ask.reason },
          idempotencyKey,
        },
        onStage,
      ),
    )
  return (
    <AskForm
      title={say(words.title, { deployment: name })}
      says={say(words.says, { generation: String(table.generation) })}
      act={words.act}
      ask={ask}
      onSubmit={submit}
      onClose={onClose}
    >
      {table.parked !== null && <p>{words[table.parked]}</p>}
      <FiguresNow project={project} deployment={name} />
    </AskForm>
  )
}

function RateNow({
  project,
  deployment,
  rate,
  quiet,
}: {
  project: ProjectName
  deployment: DeploymentName
  rate: Message
  quiet: string
}) {
  const { data } = useQuery(glanceQuery(project, [deployment], 60))
  const now = data?.deployments[0]?.rate
  if (now === undefined) return null
  if (now === 0) return quiet
  return fill(rate, { count: now, rate: figure(now) })
}

/** Asks by name before a deployment is lost. */
export function DeleteDialog({
  project,
  deployment,
  onClose,
}: {
  project: ProjectName
  deployment: Deployment
  onClose: () => void
}) {
  const words = asks.remove
  const { name } = deployment
  const navigate = useNavigate()
  const queries = useQueryClient()
  const { because } = useMay('deployment.delete')
  const remove = async () => {
    await client.call(deleteDeployment, { params: { project, deployment: name } })
    void queries.invalidateQueries({ queryKey: readings.deployments(project) })
    tell(say(words.done, { deployment: name }))
    await navigate({ to: '/p/$project/deployments', params: { project } })
  }
  return (
    <ConfirmDialog
      title={say(words.title, { deployment: name })}
      says={
        <>
          <p>{words.says}</p>
          <p>
            <b>
              <RateNow project={project} deployment={name} rate={words.rate} quiet={words.quiet} />
            </b>
          </p>
        </>
      }
      act={words.act}
      name={name}
      because={because}
      onConfirm={remove}
      onClose={onClose}
      failureOf={sentenceOf}
    />
  )
}
