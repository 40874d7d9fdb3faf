// The apparent temperature of Steadman (1994), as the Australian Bureau of Meteorology computes it: °C from the air's
// temperature in °C, its relative humidity in percent, and the wind in m/s.

const advice = (degrees) =>
  degrees < 0 ? 'stay in' : degrees < 15 ? 'take a coat' : degrees < 32 ? 'go out' : 'find shade'

export function load() {
  return ({ temperature, humidity, wind }) => {
    const degrees = temperature.data.map((air, row) => {
      const vapour = (humidity.data[row] / 100) * 6.105 * Math.exp((17.27 * air) / (237.7 + air))
      return air + 0.33 * vapour - 0.7 * wind.data[row] - 4
    })
    const { shape } = temperature
    return { feels_like: { shape, data: degrees }, advice: { shape, data: Array.from(degrees, advice) } }
  }
}
