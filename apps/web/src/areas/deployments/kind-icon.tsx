import type { ChangeKind } from '@stead/contracts'
import { ArrowLeftRight, Pause, Play, Plus, Shuffle, Split, Undo2 } from 'lucide-react'
import type { ComponentType } from 'react'

const ICONS: Record<ChangeKind, ComponentType<{ size?: number }>> = {
  deploy: Plus,
  swap: ArrowLeftRight,
  repurpose: Shuffle,
  rollback: Undo2,
  traffic: Split,
  park: Pause,
  wake: Play,
}

/** The shape of a kind of change; its word stands beside it. */
export function KindIcon({ kind, size = 14 }: { kind: ChangeKind; size?: number }) {
  const Icon = ICONS[kind]
  return <Icon size={size} />
}
