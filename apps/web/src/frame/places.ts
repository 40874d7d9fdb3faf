import type { LinkProps } from '@tanstack/react-router'
import type { Act } from '@stead/contracts'
import {
  Activity,
  Box,
  FlaskConical,
  House,
  KeyRound,
  LayoutPanelTop,
  ScrollText,
  Server,
  Settings,
  Users,
  Webhook,
} from 'lucide-react'
import type { ComponentType } from 'react'
import { frame } from '../strings/frame.ts'

export interface Place {
  readonly label: string
  readonly group?: string
  readonly icon: ComponentType<{ size?: number }>
  /** `g` and this letter go there. */
  readonly key?: string
  readonly link: (project: string) => LinkProps
  readonly counts?: 'deployments' | 'models'
  /** The first words of addresses elsewhere that are in this place as well. */
  readonly holds?: readonly string[]
  /** On the bar at the foot of a phone. */
  readonly onPhone: boolean
  readonly exact?: boolean
  /** Whoever may not do this does not see the place at all. */
  readonly takes?: Act
}

/** The areas there are, in the order of the sidebar. An area that is not built is absent. */
export const PLACES: readonly Place[] = [
  {
    label: frame.overview,
    icon: House,
    key: 'o',
    onPhone: true,
    exact: true,
    link: (project) => ({ to: '/p/$project', params: { project } }),
  },
  {
    label: frame.activity,
    icon: Activity,
    key: 'a',
    onPhone: false,
    link: (project) => ({ to: '/p/$project/activity', params: { project } }),
  },
  {
    label: frame.deployments,
    group: frame.serve,
    icon: LayoutPanelTop,
    key: 'd',
    counts: 'deployments',
    onPhone: true,
    link: (project) => ({ to: '/p/$project/deployments', params: { project } }),
  },
  {
    label: frame.models,
    group: frame.serve,
    icon: Box,
    key: 'm',
    counts: 'models',
    onPhone: true,
    link: (project) => ({ to: '/p/$project/models', params: { project } }),
  },
  {
    label: frame.consumers,
    group: frame.serve,
    icon: KeyRound,
    key: 'c',
    onPhone: false,
    takes: 'consumer.list',
    link: (project) => ({ to: '/p/$project/consumers', params: { project } }),
  },
  {
    label: frame.experiments,
    group: frame.train,
    icon: FlaskConical,
    key: 'e',
    holds: ['runs', 'logged-models', 'traces', 'evaluation-sets'],
    onPhone: true,
    link: (project) => ({ to: '/p/$project/experiments', params: { project } }),
  },
  {
    label: frame.members,
    group: frame.govern,
    icon: Users,
    onPhone: false,
    takes: 'member.list',
    link: (project) => ({ to: '/p/$project/members', params: { project } }),
  },
  {
    label: frame.webhooks,
    group: frame.govern,
    icon: Webhook,
    onPhone: false,
    takes: 'webhook.list',
    link: (project) => ({ to: '/p/$project/webhooks', params: { project } }),
  },
  {
    label: frame.audit,
    group: frame.govern,
    icon: ScrollText,
    onPhone: false,
    takes: 'audit.list',
    link: (project) => ({ to: '/p/$project/audit', params: { project } }),
  },
]

/** Outside of the project's nouns, at the foot of the sidebar. */
export const FOOT_PLACES: readonly Place[] = [
  {
    label: frame.platform,
    icon: Server,
    onPhone: false,
    takes: 'installation.inspect',
    link: () => ({ to: '/platform' }),
  },
  { label: frame.settings, icon: Settings, onPhone: false, link: () => ({ to: '/settings' }) },
]
