import type { TensorSpec } from '@stead/contracts'
import { contract as words } from '../../strings/contract.ts'
import { Panel } from '../../ui/panel.tsx'
import { Table } from '../../ui/table.tsx'
import type { Column } from '../../ui/table.tsx'
import { useDeployment } from './deployment-page.tsx'

/** What callers may send, and what they can rely on. */
export function ContractTab() {
  const contract = useDeployment().data?.table.contract
  if (!contract) return null
  return (
    <>
      <p className="dim">{words.promise}</p>
      <Panel title={words.inputs} note={words.inputsNote}>
        <Table label={words.inputs} rows={contract.inputs} keyOf={({ name }) => name} columns={COLUMNS} />
      </Panel>
      <Panel title={words.outputs} note={words.outputsNote}>
        <Table label={words.outputs} rows={contract.outputs} keyOf={({ name }) => name} columns={COLUMNS} />
      </Panel>
    </>
  )
}

const COLUMNS: readonly Column<TensorSpec>[] = [
  { id: 'name', title: words.name, phone: 'line', width: '34%', cell: ({ name }) => <b className="wrap">{name}</b> },
  { id: 'datatype', title: words.datatype, width: '14%', cell: ({ datatype }) => <code>{datatype}</code> },
  { id: 'shape', title: words.shape, width: '20%', cell: ({ shape }) => <code>[{shape.join(', ')}]</code> },
  { id: 'dimensions', title: words.dimensions, phone: 'line', cell: (spec) => <Dimensions spec={spec} /> },
]

/** Named dimensions by name, open ones as such: `batch × 8`. */
function Dimensions({ spec: { shape, dimensionNames } }: { spec: TensorSpec }) {
  return (
    <span className="dim wrap">
      {shape.map((size, at) => dimensionNames?.[at] ?? (size === -1 ? words.open : size)).join(' × ') || '–'}
    </span>
  )
}
