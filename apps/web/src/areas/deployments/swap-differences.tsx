import { signatureDifferences } from '@stead/contracts'
import type { Signature, SignatureDifference, TensorSpec } from '@stead/contracts'
import { asks } from '../../strings/change-asks.ts'
import { say } from '../../strings/message.ts'
import css from './swap-ask.module.css'

const words = asks.swap

/** Where a version is not what the contract says, side by side; what is the same is only counted. */
export function Differences({
  contract,
  signature,
  version,
}: {
  contract: Signature
  signature: Signature
  version: number
}) {
  const differences = signatureDifferences(contract, signature)
  if (differences.length === 0) return null
  return (
    <div className={css.scroll}>
      <table className={css.differences}>
        <thead>
          <tr>
            <th scope="col">{words.columns.side}</th>
            <th scope="col">{words.columns.contract}</th>
            <th scope="col">{say(words.columns.version, { version: String(version) })}</th>
          </tr>
        </thead>
        <tbody>
          {differences.map((difference) => (
            <tr key={`${difference.side} ${difference.name} ${difference.is}`}>
              <th scope="row" title={difference.says}>
                <code className="wrap">{difference.name}</code>{' '}
                <small className="faint">{words.sides[difference.side]}</small>
              </th>
              <td>
                <Spec spec={find(contract, difference)} />
              </td>
              <td>
                <Theirs difference={difference} spec={find(signature, difference)} />
              </td>
            </tr>
          ))}
          <tr>
            <td colSpan={3} className="dim">
              {equalIn(contract, signature, differences)}
            </td>
          </tr>
        </tbody>
      </table>
    </div>
  )
}

const find = ({ inputs, outputs }: Signature, { side, name }: SignatureDifference) =>
  (side === 'input' ? inputs : outputs).find((spec) => spec.name === name)

function Spec({ spec }: { spec: TensorSpec | undefined }) {
  return spec ? (
    <code className="wrap">
      {spec.datatype} [{spec.shape.join(', ')}]
    </code>
  ) : (
    <span className="faint">–</span>
  )
}

function Theirs({
  difference: { is, breaks, side },
  spec,
}: {
  difference: SignatureDifference
  spec: TensorSpec | undefined
}) {
  const colour = breaks ? css.breaks : 'dim'
  if (is === 'missing') return <span className={colour}>{words.gone}</span>
  return (
    <>
      <span className={is === 'added' ? '' : colour}>
        <Spec spec={spec} />
      </span>{' '}
      {is === 'added' && <span className={colour}>{side === 'input' ? words.required : words.added}</span>}
    </>
  )
}

function equalIn(contract: Signature, signature: Signature, differences: readonly SignatureDifference[]): string {
  const same = (side: 'input' | 'output', one: readonly TensorSpec[], other: readonly TensorSpec[]) => {
    const names = new Set(differences.filter((difference) => difference.side === side).map(({ name }) => name))
    return one.filter(({ name }) => !names.has(name) && other.some((spec) => spec.name === name)).length
  }
  return say(words.equalCount, {
    inputs: say(words.inputs, { count: same('input', contract.inputs, signature.inputs) }),
    outputs: say(words.outputs, { count: same('output', contract.outputs, signature.outputs) }),
  })
}
