import { signatureDifferences } from '@stead/contracts'
import type { Signature, SignatureDifference, TensorSpec, Version } from '@stead/contracts'
import { say } from '../../strings/message.ts'
import { models as words } from '../../strings/models.ts'
import { Table } from '../../ui/table.tsx'
import type { Column } from '../../ui/table.tsx'
import { shapeInWords, tensorInWords } from './signature-words.ts'
import css from './version-page.module.css'

interface Row {
  readonly side: SignatureDifference['side']
  readonly spec: TensorSpec
  readonly says: string
  readonly breaks: boolean
  readonly isGone: boolean
}

/** What a version takes and gives, tensor by tensor, and how that differs from another version. */
export function SignatureTable({ signature, other }: { signature: Signature; other: Version | undefined }) {
  const rows = rowsOf(signature, other?.signature)
  const columns: Column<Row>[] = [
    {
      id: 'name',
      title: words.tensor,
      phone: 'line',
      cell: ({ side, spec, isGone }) => (
        <span className={css.tensor}>
          <span className={css.side}>{side === 'input' ? words.input : words.output}</span>
          <code className={`wrap ${isGone ? css.gone : ''}`}>{spec.name}</code>
        </span>
      ),
    },
    { id: 'type', title: words.type, width: '12%', cell: ({ spec }) => <code>{spec.datatype}</code> },
    { id: 'shape', title: words.shape, width: '24%', cell: ({ spec }) => <ShapeCell spec={spec} /> },
    ...(other
      ? [
          {
            id: 'against',
            title: say(words.againstVersion, { version: other.version }),
            width: '30%',
            cell: ({ says, breaks }: Row) => (
              <span className={breaks ? css.breaks : says === words.same ? 'faint' : 'dim'}>{says}</span>
            ),
          },
        ]
      : []),
  ]
  return (
    <Table
      label={words.columns.signature}
      columns={columns}
      rows={rows}
      keyOf={({ side, spec, isGone }) => `${side} ${spec.name} ${isGone}`}
    />
  )
}

/** The shape, with the names that the graph gives its variable dimensions. */
function ShapeCell({ spec }: { spec: TensorSpec }) {
  const names = spec.dimensionNames?.filter((name) => name !== null && name !== '') ?? []
  return (
    <span className="wrap">
      <code>{shapeInWords(spec)}</code>
      {names.length > 0 && <small className="faint"> {names.join(', ')}</small>}
    </span>
  )
}

function rowsOf(signature: Signature, other: Signature | undefined): Row[] {
  const differences = other ? signatureDifferences(other, signature) : []
  const of = (specs: readonly TensorSpec[], side: Row['side'], before: readonly TensorSpec[]): Row[] => {
    const here = specs.map((spec): Row => {
      const difference = differences.find((one) => one.side === side && one.name === spec.name)
      const old = before.find(({ name }) => name === spec.name)
      const says = difference ? tensorInWords(difference, old, spec) : words.same
      return { side, spec, says, breaks: difference?.breaks ?? false, isGone: false }
    })
    const gone = before
      .filter(({ name }) => !specs.some((spec) => spec.name === name))
      .map((spec): Row => ({ side, spec, says: words.isGone, breaks: true, isGone: true }))
    return [...here, ...gone]
  }
  return [
    ...of(signature.inputs, 'input', other?.inputs ?? []),
    ...of(signature.outputs, 'output', other?.outputs ?? []),
  ]
}
