// Wrong on purpose: a table that knows what a deployment is serves one screen only.
import type { Deployment } from '@stead/contracts'

export const Name = ({ row }: { row: Deployment }) => <b>{row.name}</b>
