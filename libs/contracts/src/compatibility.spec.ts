import type { Signature, TensorSpec } from './tensors.ts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { contractDifferences } from './compatibility.ts'

const tensors = fc.uniqueArray(
  fc.record<TensorSpec>({
    name: fc.string({ minLength: 1, maxLength: 8 }),
    datatype: fc.constantFrom('FP32', 'INT64', 'BYTES'),
    shape: fc.array(fc.constantFrom(-1, 1, 2, 7), { maxLength: 4 }),
  }),
  { minLength: 1, maxLength: 5, selector: (spec) => spec.name },
)
const signature = fc.record<Signature>({ inputs: tensors, outputs: tensors })
/** A signature and the position of one of its inputs and of one of its outputs. */
const withPlaces = fc.tuple(signature, fc.nat(), fc.nat()).map(([contract, one, other]) => ({
  contract,
  input: one % contract.inputs.length,
  output: other % contract.outputs.length,
}))
const EXTRA: TensorSpec = { name: 'a name of its own', datatype: 'FP32', shape: [1] }
const otherType = (spec: TensorSpec): TensorSpec => ({ ...spec, datatype: 'BOOL' })
const longer = (spec: TensorSpec): TensorSpec => ({ ...spec, shape: [...spec.shape, 3] })

test('every version keeps its own contract', () => {
  fc.assert(
    fc.property(signature, (own) => {
      expect(contractDifferences(own, own)).toEqual([])
    }),
  )
})

test('a version that takes and gives more than is promised keeps the contract', () => {
  fc.assert(
    fc.property(signature, (contract) => {
      const generous = {
        inputs: contract.inputs.map((spec) => ({ ...spec, shape: spec.shape.map(() => -1) })).toReversed(),
        outputs: [
          EXTRA,
          ...contract.outputs.map((spec) => ({ ...spec, shape: spec.shape.map((size) => (size === -1 ? 5 : size)) })),
        ],
      }
      expect(contractDifferences(contract, generous)).toEqual([])
    }),
  )
})

test('a version that takes less or gives something looser breaks it, dimension by dimension', () => {
  fc.assert(
    fc.property(withPlaces, fc.nat(), ({ contract, input, output }, nth) => {
      const inputSpec = contract.inputs[input]!
      const outputSpec = contract.outputs[output]!
      if (inputSpec.shape.length > 0) {
        const at = nth % inputSpec.shape.length
        const narrow = { ...inputSpec, shape: inputSpec.shape.with(at, 9) }
        expect(contractDifferences(contract, { ...contract, inputs: contract.inputs.with(input, narrow) })).toEqual([
          expect.stringContaining(`input "${inputSpec.name}": the contract takes shape`),
        ])
      }
      const at = outputSpec.shape.findIndex((size) => size !== -1)
      if (at < 0) return
      const loose = { ...outputSpec, shape: outputSpec.shape.with(at, -1) }
      expect(contractDifferences(contract, { ...contract, outputs: contract.outputs.with(output, loose) })).toEqual([
        expect.stringContaining(`output "${outputSpec.name}": the contract promises shape`),
      ])
    }),
  )
})

test('each difference is told by the name of its tensor, and nothing else is', () => {
  fc.assert(
    fc.property(withPlaces, ({ contract, input, output }) => {
      const { inputs, outputs } = contract
      const asked = inputs[input]!
      const given = outputs[output]!
      const broken: [Signature, string][] = [
        [{ inputs: inputs.toSpliced(input, 1), outputs }, `input "${asked.name}": the contract takes it`],
        [{ inputs: [...inputs, EXTRA], outputs }, `input "${EXTRA.name}": the version asks for it`],
        [{ inputs: inputs.with(input, otherType(asked)), outputs }, `input "${asked.name}": the contract takes`],
        [{ inputs: inputs.with(input, longer(asked)), outputs }, `input "${asked.name}": the contract takes shape`],
        [{ inputs, outputs: outputs.toSpliced(output, 1) }, `output "${given.name}": the contract promises it`],
        [{ inputs, outputs: outputs.with(output, otherType(given)) }, `output "${given.name}": the contract promises`],
        [{ inputs, outputs: outputs.with(output, longer(given)) }, `output "${given.name}": the contract promises sh`],
      ]
      for (const [version, said] of broken)
        expect(contractDifferences(contract, version)).toEqual([expect.stringContaining(said)])
    }),
  )
})
