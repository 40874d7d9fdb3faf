import { useEffect, useRef, useState } from 'react'
import { say } from '../../strings/message.ts'
import { tries as words } from '../../strings/tries.ts'
import { FileButton } from '../../ui/file-button.tsx'
import { StateMark } from '../../ui/state-mark.tsx'
import { Segmented } from '../../ui/segmented.tsx'
import type { ImageLayout, TryField } from './try-fields.ts'
import css from './try.module.css'

type Scale = 'byte' | 'unit'

/** An image as the values of an input: drawn at the size that the contract asks for, then read pixel by pixel. */
export function TryImage({
  field,
  error,
  onPixels,
}: {
  field: TryField
  error: string | undefined
  onPixels: (pixels: readonly number[] | undefined, problem?: string) => void
}) {
  const layout = field.image!
  const canvas = useRef<HTMLCanvasElement>(null)
  // Counts the images that were drawn.
  const [drawn, setDrawn] = useState(0)
  const [over, setOver] = useState(false)
  const [scale, setScale] = useState<Scale>(field.input.datatype === 'UINT8' ? 'byte' : 'unit')
  const tell = useRef(onPixels)
  useEffect(() => {
    tell.current = onPixels
  })
  useEffect(() => {
    if (drawn === 0) return
    const context = canvas.current?.getContext('2d')
    if (context) tell.current(pixelsOf(context, layout, scale))
  }, [drawn, scale, layout])

  const draw = async (file: File | undefined) => {
    if (!file) return
    try {
      const image = await createImageBitmap(file)
      const context = canvas.current!.getContext('2d', { willReadFrequently: true })!
      context.drawImage(image, 0, 0, layout.width, layout.height)
      image.close()
      setDrawn((count) => count + 1)
    } catch {
      onPixels(undefined, say(words.errors.notImage, { name: file.name }))
    }
  }
  const { width, height, channels } = layout
  return (
    <div
      className={`${css.wide} ${css.image} ${over ? css.over : ''}`}
      data-takes-files
      onDragOver={(event) => {
        event.preventDefault()
        event.stopPropagation()
        setOver(true)
      }}
      onDragEnter={(event) => event.stopPropagation()}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault()
        event.stopPropagation()
        setOver(false)
        void draw(event.dataTransfer.files[0])
      }}
    >
      <p className={css.imageName}>
        <b className="wrap">{field.id}</b> <span className="faint">{field.input.datatype}</span>
      </p>
      <canvas
        ref={canvas}
        width={width}
        height={height}
        className={drawn > 0 ? css.picture : css.noPicture}
        role="img"
        aria-label={say(words.imageOf, { input: field.id })}
      />
      <div className="stack grow">
        <div>
          <FileButton onChosen={(files) => void draw(files[0])}>{words.image}</FileButton>
          <p className="faint">
            {say(words.imageDrop, { width, height, channels: say(words.imageChannels, { count: channels }) })}
          </p>
        </div>
        {field.input.datatype !== 'UINT8' && (
          <Segmented
            label={words.imageScale}
            value={scale}
            options={(['unit', 'byte'] as const).map((value) => ({ value, label: words.imageScales[value] }))}
            onChange={setScale}
          />
        )}
        {error !== undefined && (
          <p className={css.problem} role="alert">
            <StateMark is="failed" /> {error}
          </p>
        )}
      </div>
    </div>
  )
}

/** In the order of the input's axes. Grey is the usual weighting of the colours by how bright they look. */
function pixelsOf(
  context: CanvasRenderingContext2D,
  { width, height, channels, channelsFirst }: ImageLayout,
  scale: Scale,
) {
  const { data } = context.getImageData(0, 0, width, height)
  const count = width * height
  const values = Array<number>(count * channels)
  for (let pixel = 0; pixel < count; pixel++) {
    const [red, green, blue] = [data[pixel * 4]!, data[pixel * 4 + 1]!, data[pixel * 4 + 2]!]
    const parts = channels === 1 ? [Math.round(0.299 * red + 0.587 * green + 0.114 * blue)] : [red, green, blue]
    for (const [channel, part] of parts.entries()) {
      const at = channelsFirst ? channel * count + pixel : pixel * channels + channel
      values[at] = scale === 'unit' ? Number((part / 255).toFixed(6)) : part
    }
  }
  return values
}
