console.log('loading for ever')
export function load() {
  while (true);
}
