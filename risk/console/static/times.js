// Times in the zone of who looks; in UTC, to the millisecond, when the pointer rests on one.
const FORMS = {
  clock: new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }),
  date: new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium', hourCycle: 'h23' }),
}

export function localise(within) {
  for (const one of within.querySelectorAll('time[data-show]:not([title])')) {
    const moment = new Date(one.dateTime)
    if (Number.isNaN(moment.getTime())) continue
    one.textContent = FORMS[one.dataset.show].format(moment)
    one.title = one.dateTime.replace('T', ' ').replace('Z', ' UTC')
  }
}
