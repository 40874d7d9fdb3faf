import { Upload, X } from 'lucide-react'
import { useState } from 'react'
import { say } from '../../strings/message.ts'
import { uploads as words } from '../../strings/uploads.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { FileButton } from '../../ui/file-button.tsx'
import { bytes, duration } from '../../ui/numbers.ts'
import { Progress } from '../../ui/sparkline.tsx'
import { StateMark } from '../../ui/state-mark.tsx'
import { chosenFiles } from './bundle.ts'
import type { Push } from './push.ts'
import css from './push-row.module.css'
import { openPush, uploads } from './store.ts'

/** One version on its way in: how far it is, and what can be done with it. */
export function PushRow({ push }: { push: Push }) {
  const { state, request, size } = push
  const name = nameOf(push)
  const done = state.is === 'hashing' ? push.hashed : push.received
  return (
    <li className={css.row}>
      {state.is === 'refused' ? <StateMark is="failed" /> : <Upload size={16} className="faint" />}
      <span className={css.name}>
        <b className="cut" title={name}>
          {name}
        </b>
        <span className="dim cut">{say(words.toModel, { model: request.model })}</span>
      </span>
      {state.is !== 'refused' && (
        <span className={css.bar}>
          <Progress label={say(words.progress, { name })} value={done} max={size} />
        </span>
      )}
      <span className={css.words} {...(state.is === 'refused' ? { role: 'alert' } : {})}>
        {inWords(push)}
      </span>
      <Acts push={push} />
    </li>
  )
}

function Acts({ push }: { push: Push }) {
  const { id, state } = push
  const cancel = <IconButton look="quiet" label={say(words.cancel)} icon={<X />} onClick={() => uploads.cancel(id)} />
  switch (state.is) {
    case 'hashing':
    case 'sending':
    case 'waiting':
      return (
        <span className={css.acts}>
          <Button onClick={() => uploads.pause(id)}>{words.pause}</Button>
          {cancel}
        </span>
      )
    case 'paused':
      return (
        <span className={css.acts}>
          <Button onClick={() => uploads.goOn(id)}>{words.goOn}</Button>
          {cancel}
        </span>
      )
    case 'refused':
      return (
        <span className={css.acts}>
          <Button onClick={() => openPush({ files: [], mends: id })}>{words.mend}</Button>
          {cancel}
        </span>
      )
    case 'left':
      return <ChooseAgain push={push} cancel={cancel} />
    case 'registering':
    case 'done':
      return null
  }
}

function ChooseAgain({ push, cancel }: { push: Push; cancel: React.ReactNode }) {
  const [wrong, setWrong] = useState<string>()
  const isFolder = push.files.some(({ path }) => path.includes('/'))
  return (
    <>
      {wrong !== undefined && (
        <span className={css.wrong} role="alert">
          {wrong}
        </span>
      )}
      <span className={css.acts}>
        <FileButton folder={isFolder} onChosen={(list) => setWrong(uploads.bring(push.id, chosenFiles(list)))}>
          {words.chooseAgain}
        </FileButton>
        {cancel}
      </span>
    </>
  )
}

export function nameOf({ files }: Push): string {
  const main = files.find(({ path }) => path.endsWith('.onnx')) ?? files[0]
  const name = main?.path ?? ''
  return files.length > 1 ? say(words.folder, { name, count: files.length - 1 }) : name
}

function inWords(push: Push): string {
  const { state, received, hashed, size, speed } = push
  switch (state.is) {
    case 'hashing':
      return say(words.reading, { amount: withSpeed(hashed, size, speed) })
    case 'sending':
      return withSpeed(received, size, speed)
    case 'waiting':
      return say(words.waiting, { amount: amountOf(received, size) })
    case 'paused':
      return say(words.paused, { amount: amountOf(received, size) })
    case 'registering':
    case 'done':
      return words.registering
    case 'refused':
      return say(words.refused, { why: state.refusal.message })
    case 'left':
      return leftInWords(push)
  }
}

function leftInWords(push: Push): string {
  const name = nameOf(push)
  if (push.files.some(({ digest }) => digest === undefined)) return say(words.leftUnread, { name })
  const isFolder = push.files.some(({ path }) => path.includes('/'))
  return say(isFolder ? words.leftFolder : words.left, { name, amount: amountOf(push.received, push.size) })
}

function withSpeed(done: number, all: number, speed: number | undefined): string {
  const amount = amountOf(done, all)
  if (speed === undefined || speed <= 0) return amount
  const left = ((all - done) / speed) * 1000
  const told = { amount, speed: bytes(Math.round(speed)) }
  return left < 1000 ? say(words.withSpeed, told) : say(words.withTime, { ...told, time: roughly(left) })
}

/** Whole seconds are as much as anyone can foresee. */
const roughly = (ms: number) => duration(ms < 60_000 ? Math.ceil(ms / 1000) * 1000 : ms)

/** `43 of 97 MB`: the unit once, where it is the same. */
function amountOf(done: number, all: number): string {
  const [count = '', unit] = bytes(done).split(' ')
  const whole = bytes(all)
  return say(words.amount, { done: whole.endsWith(` ${unit}`) ? count : bytes(done), all: whole })
}
