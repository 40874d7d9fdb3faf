import { comparison as words } from '../../strings/comparison.ts'
import { Segmented } from '../../ui/segmented.tsx'
import { useComparison } from './use-comparison.ts'

type Scale = 'linear' | 'log'

export function useScale(): readonly [Scale, (scale: Scale) => void] {
  const [{ scale }, change] = useComparison()
  return [scale === 'log' ? 'log' : 'linear', (next) => change({ scale: next === 'log' ? next : undefined })]
}

/** Whether axes of numbers are linear or logarithmic. */
export function ScaleChoice() {
  const [scale, setScale] = useScale()
  return (
    <Segmented
      label={words.scale}
      value={scale}
      options={[
        { value: 'linear', label: words.linear },
        { value: 'log', label: words.log },
      ]}
      onChange={setScale}
    />
  )
}
