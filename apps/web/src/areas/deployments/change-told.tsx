import { abortChange, getVersion } from '@stead/contracts'
import type { Deployment, DeploymentName, ProjectName } from '@stead/contracts'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Undo2 } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import type { ReactNode } from 'react'
import { useMay } from '../../frame/may.ts'
import { client } from '../../live/client.ts'
import { sentenceOf } from '../../live/failure.ts'
import type { KnownChange, Run } from '../../live/running.ts'
import { readings } from '../../live/stale.ts'
import { changes as words } from '../../strings/changes.ts'
import { deployments as nouns } from '../../strings/deployments.ts'
import { say } from '../../strings/message.ts'
import { Button, classOf } from '../../ui/button.tsx'
import { DialogContent } from '../../ui/dialog.tsx'
import { StateBadge, StateMark } from '../../ui/state-mark.tsx'
import { clockTime, exactTime } from '../../ui/time.tsx'
import { tell } from '../../ui/toast.tsx'
import { Checks, Evidence } from './change-checks.tsx'
import { FiguresAround } from './change-figures.tsx'
import { aftermath, newVersions, rowsOf } from './change-stages.ts'
import type { StageRow } from './change-stages.ts'
import { FromTo } from './change-tables.tsx'
import css from './change-told.module.css'
import { Stages } from './change-transcript.tsx'
import { changeState, isCommitted, mainVersion, titleOf } from './change-words.ts'
import { goldenQuery } from './deployment.queries.ts'

export interface ToldProps {
  readonly project: ProjectName
  readonly change: KnownChange
  /** As it is now; undefined before the first deploy. */
  readonly deployment: Deployment | undefined
  readonly run?: Run | undefined
  readonly onClose: () => void
  /** Opens the form that asks for a rollback to a generation, or for the same change again. */
  readonly onRollBack?: (generation: number) => void
  readonly onAgain?: (() => void) | undefined
}

/** A change from its first stage on, and for ever after: what it meets, each stage, what became of it. */
export function ChangeTold(props: ToldProps) {
  const { change, deployment, run } = props
  const told = useTranscript(props)
  const state = changeState(change, told.after, run?.is)
  const top = useFocusKept()
  return (
    <DialogContent
      title={titleOf(change)}
      says={<WhoAndWhy change={change} />}
      aside={<StateBadge is={state.is}>{state.word}</StateBadge>}
      note={noteOf(change, deployment)}
      acts={<Acts {...props} rows={told.rows} />}
    >
      <div ref={top} className="stack">
        <p className="heard-only" aria-live="polite">
          {say(words.announced, { title: titleOf(change), state: state.word })}
        </p>
        <Verdict change={change} run={run} project={props.project} />
        <TranscriptBody {...props} told={told} />
      </div>
    </DialogContent>
  )
}

/** All that is known of a change, computed once for its parts. */
export function useTranscript({ project, change, deployment }: Pick<ToldProps, 'project' | 'change' | 'deployment'>) {
  const name = change.deployment
  const { data: kept } = useQuery({ ...goldenQuery(project, name), enabled: deployment !== undefined })
  const loaded = newVersions(change)[0] ?? mainVersion(change)
  const { model } = change.after
  const { data: version } = useQuery({
    queryKey: [...readings.model(project, model), 'version', loaded],
    queryFn: ({ signal }) => client.call(getVersion, { params: { project, model, version: loaded as never }, signal }),
  })
  const golden = kept?.golden ?? []
  // What is checked again is known only while it runs; afterwards the transcript tells.
  const expected =
    change.endedAt === null && CHECKED.has(change.kind) && newVersions(change).length > 0 ? golden.length : 0
  const after = aftermath(change, deployment)
  const rows = [...rowsOf(change, expected), ...after]
  return { rows, after, golden, facts: { change, version, golden: golden.length, deployment } }
}

const CHECKED = new Set(['swap', 'repurpose', 'traffic'])

export type Transcript = ReturnType<typeof useTranscript>

/** Tables, figures, checks and stages: the same in the dialog and on the page of a generation. */
export function TranscriptBody({
  project,
  change,
  told,
}: Pick<ToldProps, 'project' | 'change'> & { told: Transcript }) {
  const hasChecks = told.rows.some(({ name }) => name === 'loading')
  return (
    <>
      <FromTo before={change.before} after={change.after} afterLabel={afterLabelOf(change)} />
      <FiguresAround project={project} deployment={change.deployment} change={change} />
      <div className={hasChecks ? css.two : ''}>
        {hasChecks && <Checks change={change} rows={told.rows} />}
        <Stages rows={told.rows} facts={told.facts} />
      </div>
      <Evidence change={change} golden={told.golden} />
    </>
  )
}

function afterLabelOf(change: KnownChange): string {
  const generation = String(change.after.generation)
  if (change.failure && !isCommitted(change)) return say(words.wouldBe, { generation })
  if (change.committedAt === null) return say(words.after, { generation })
  return say(words.since, { time: clockTime(change.committedAt), generation })
}

function WhoAndWhy({ change }: { change: KnownChange }) {
  const { actor, startedAt, reason } = change
  const time = clockTime(startedAt)
  return (
    <>
      <span title={exactTime(startedAt)}>
        {actor === null ? say(words.when, { time }) : say(words.who, { actor, time })}
      </span>
      {reason !== '' && ` ${say(words.because, { reason })}`}
    </>
  )
}

function Verdict({ change, run, project }: { change: KnownChange; run: Run | undefined; project: ProjectName }) {
  const { failure, before, deployment, detached } = change
  if (run?.is === 'lost') return <Box is="attention" title={words.verdicts.lost} />
  if (failure && isCommitted(change)) return <Box is="attention" title={words.verdicts.late} says={failure.message} />
  if (detached.length > 0)
    return <Box is="attention" title={say(words.verdicts.detached, { names: detached.join(', ') })} />
  if (!failure) return null
  const stays = before
    ? say(words.verdicts.stillServes, { deployment, generation: String(before.generation) })
    : say(words.verdicts.isNotThere, { deployment })
  if (failure.code === 'aborted') return <Box is="off" title={words.verdicts.aborted} says={stays} />
  if (failure.code === 'superseded')
    return (
      <Box
        is="off"
        title={words.verdicts.superseded}
        says={
          <Link
            to={'/p/$project/deployments/$deployment/generations' as '/'}
            params={{ project, deployment } as never}
            className="link"
          >
            {words.verdicts.newer}
          </Link>
        }
      />
    )
  const isOfVersion = change.kind === 'swap' || change.kind === 'repurpose' || change.kind === 'deploy'
  return (
    <Box
      is="failed"
      title={
        isOfVersion
          ? say(words.verdicts.refused, { version: String(mainVersion(change)) })
          : say(words.verdicts.refusedPlain, { act: nouns.kinds[change.kind] })
      }
      says={
        <>
          {sentence(failure.message)} {stays}
        </>
      }
    />
  )
}

const sentence = (text: string) => {
  const begun = text.charAt(0).toUpperCase() + text.slice(1)
  return /[.!?]$/.test(begun) ? begun : `${begun}.`
}

function Box({ is, title, says }: { is: 'failed' | 'attention' | 'off'; title: string; says?: ReactNode }) {
  return (
    <div className={`${css.verdict} ${css[is]}`}>
      <StateMark is={is} />
      <div className="wrap">
        <b>{title}</b>
        {says !== undefined && <p>{says}</p>}
      </div>
    </div>
  )
}

function noteOf(change: KnownChange, deployment: Deployment | undefined): string {
  const { failure, before, committedAt, stages } = change
  if (failure && !isCommitted(change))
    return stages.some(({ name, ok }) => !ok && name.startsWith('golden '))
      ? say(words.notes.golden, { version: String(mainVersion(change)) })
      : ''
  if (committedAt === null)
    return before ? say(words.notes.before, { generation: String(before.generation) }) : words.notes.beforeFirst
  const generation = String(change.after.generation)
  if (change.kind === 'park') return words.notes.parked
  return deployment?.table.generation === change.after.generation
    ? say(words.notes.committed, { generation })
    : say(words.notes.older, { generation })
}

/** Above the commit there is Abort, below it the way back. */
function Acts({
  project,
  change,
  deployment,
  onClose,
  onRollBack,
  onAgain,
  rows,
}: ToldProps & { rows: readonly StageRow[] }) {
  const isRefused = change.failure !== null && !isCommitted(change)
  const failedGolden = rows.some(({ name, is }) => name === 'golden' && is === 'failed')
  const isNewest = deployment?.table.generation === change.after.generation
  const { before } = change
  const mayRollBack = useMay('deployment.rollback').because
  const mayAgain = useMay('deployment.swap').because
  if (isRefused)
    return (
      <>
        {failedGolden && (
          <Link
            to={'/p/$project/deployments/$deployment/checks' as '/'}
            params={{ project, deployment: change.deployment } as never}
            className={classOf()}
          >
            {words.reviewGolden}
          </Link>
        )}
        {onAgain && (
          <Button because={mayAgain} onClick={onAgain}>
            {words.tryAgain}
          </Button>
        )}
        <Button look="filled" onClick={onClose}>
          {words.close}
        </Button>
      </>
    )
  if (change.committedAt === null)
    return (
      <>
        <AbortButton project={project} deployment={change.deployment} id={change.id} />
        <Button look="filled" onClick={onClose}>
          {words.hide}
        </Button>
      </>
    )
  return (
    <>
      {before && isNewest && onRollBack && change.kind !== 'park' && (
        <Button icon={<Undo2 />} because={mayRollBack} onClick={() => onRollBack(before.generation)}>
          {say(nouns.rollBackTo, { generation: String(before.generation) })}
        </Button>
      )}
      <Button look="filled" onClick={onClose}>
        {words.done}
      </Button>
    </>
  )
}

function AbortButton({
  project,
  deployment,
  id,
}: {
  project: ProjectName
  deployment: DeploymentName
  id: string | null
}) {
  const [busy, setBusy] = useState(false)
  const { because } = useMay('deployment.abort')
  const abort = async () => {
    if (id === null) return
    setBusy(true)
    try {
      await client.call(abortChange, {
        params: { project, deployment, change: id },
        body: { reason: words.abortedReason },
      })
    } catch (error) {
      tell(sentenceOf(error), { failed: true })
    }
    setBusy(false)
  }
  return (
    <Button look="danger" busy={busy || id === null} because={because} onClick={() => void abort()}>
      {words.abort}
    </Button>
  )
}

/** What was focused may have gone with the form that was here before; the keyboard stays in the dialog. */
function useFocusKept() {
  const top = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const dialog = top.current?.closest<HTMLElement>('[role=dialog]')
    if (dialog && !dialog.contains(document.activeElement)) dialog.focus()
  }, [])
  return top
}
