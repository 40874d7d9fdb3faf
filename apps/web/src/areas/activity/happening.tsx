import type { Event, ProjectName } from '@stead/contracts'
import { Link } from '@tanstack/react-router'
import type { LinkProps } from '@tanstack/react-router'
import {
  ArrowLeftRight,
  Bot,
  Box,
  CircleX,
  KeyRound,
  ListChecks,
  Pause,
  Play,
  Split,
  Tag,
  Trash2,
  Undo2,
  Users,
  Webhook,
} from 'lucide-react'
import type { ComponentType, ReactNode } from 'react'
import { activity as words } from '../../strings/activity.ts'
import { fill, say } from '../../strings/message.ts'

export interface Happening {
  readonly icon: ComponentType<{ size?: number }>
  readonly sentence: ReactNode
  /** Why, or what it led to. */
  readonly detail: string | undefined
}

const ICONS: Readonly<Record<string, ComponentType<{ size?: number }>>> = {
  'deployment.rolled-back': Undo2,
  'deployment.traffic-split': Split,
  'deployment.parked': Pause,
  'deployment.woken': Play,
  'deployment.refused': CircleX,
  'deployment.aborted': CircleX,
  'deployment.deleted': Trash2,
  'version.deleted': Trash2,
  'model.deleted': Trash2,
  deployment: ArrowLeftRight,
  version: Box,
  alias: Tag,
  golden: ListChecks,
  'deployment.handed-over': Users,
  member: Users,
  account: Bot,
  consumer: KeyRound,
  webhook: Webhook,
}

/** An event as people would say it, with links to what it is about. */
export function tellEvent(event: Event): Happening {
  const { kind, actor, document } = event
  const noun = kind.split('.')[0]!
  const version = typeof document.version === 'number' ? `v${document.version}` : words.aVersion
  const model = typeof document.model === 'string' ? document.model : ''
  const message = kind in words.kinds ? words.kinds[kind as keyof typeof words.kinds] : words.otherKind
  const slots = {
    who: <b>{actor}</b>,
    subject: <Subject event={event} />,
    version: <b>{version}</b>,
    model: <b>{model}</b>,
    kind,
  }
  return {
    icon: ICONS[kind] ?? ICONS[noun] ?? Box,
    sentence: fill(message, slots),
    detail: detailOf(kind, document),
  }
}

function detailOf(kind: string, document: Event['document']): string | undefined {
  const reason = typeof document.reason === 'string' ? document.reason : ''
  if (kind === 'deployment.refused') return say(words.noticedNothing, { reason })
  if (reason !== '') return reason
  return typeof document.generation === 'number'
    ? say(words.toGeneration, { generation: document.generation })
    : undefined
}

/** The thing an event is about, as a link where it can still be looked at. */
function Subject({ event: { kind, subject, project } }: { event: Event }) {
  const link =
    kind.endsWith('.deleted') || kind === 'golden.removed' ? undefined : linkOf(kind.split('.')[0]!, subject, project)
  const name = kind.startsWith('version.') ? subject.replace(/\/(\d+)$/, ' v$1') : subject
  if (!link) return <b>{name}</b>
  return (
    <Link {...link} className="link wrap">
      {name}
    </Link>
  )
}

function linkOf(noun: string, subject: string, project: ProjectName): LinkProps | undefined {
  if (noun === 'deployment')
    return { to: '/p/$project/deployments/$deployment', params: { project, deployment: subject } }
  if (noun === 'golden')
    return {
      to: '/p/$project/deployments/$deployment/checks' as '/',
      params: { project, deployment: subject.split('/')[0]! } as never,
    }
  if (noun === 'member') return { to: '/p/$project/members', params: { project } }
  if (noun === 'account') return { to: '/p/$project/members/accounts', params: { project } }
  if (noun === 'webhook') return { to: '/p/$project/webhooks', params: { project } }
  if (noun === 'consumer') return { to: '/p/$project/consumers', params: { project } }
  if (noun === 'alias')
    return { to: '/p/$project/models/$model', params: { project, model: splitLast(subject, '@')[0] } }
  const [model, version] = splitLast(subject, '/')
  if (noun === 'version' && version !== undefined)
    return { to: '/p/$project/models/$model/$version', params: { project, model, version } }
  return undefined
}

function splitLast(subject: string, by: '/' | '@'): [string, string | undefined] {
  const at = subject.lastIndexOf(by)
  return at < 0 ? [subject, undefined] : [subject.slice(0, at), subject.slice(at + 1)]
}
