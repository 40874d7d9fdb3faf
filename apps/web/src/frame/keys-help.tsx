import { frame } from '../strings/frame.ts'
import { say } from '../strings/message.ts'
import { Dialog } from '../ui/dialog.tsx'
import { useListedActs } from './acts.tsx'
import css from './keys-help.module.css'
import { PALETTE_KEYS } from './sidebar.tsx'
import { usePlaces } from './use-places.ts'

/** All keys that work where one is. */
export function KeysHelp({ onClose }: { onClose: () => void }) {
  const { places } = usePlaces()
  const acts = useListedActs().filter(({ key }) => key !== undefined)
  const rows: [string, string][] = [
    [PALETTE_KEYS, frame.keyPalette],
    ['?', frame.keyHelp],
    ['/', frame.keyFilter],
    ['J K ↑ ↓', frame.keyRows],
    ['Enter O', frame.keyOpen],
    ['[ ]', frame.keyTabs],
    ...places.flatMap(({ key, label }): [string, string][] =>
      key === undefined ? [] : [[`G ${key.toUpperCase()}`, say(frame.goTo, { place: label })]],
    ),
    ...acts.map(({ key, label }): [string, string] => [key!.toUpperCase(), label]),
  ]
  return (
    <Dialog title={frame.keys} says={frame.keysExplained} onClose={onClose}>
      <dl className={css.keys}>
        {rows.map(([keys, does]) => (
          <div key={keys + does} className={css.row}>
            <dt>
              {keys.split(' ').map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  )
}
