import { stemOf } from './words';

/**
 * Everyday English near-synonyms, one group a line. Words of any single trade do not belong here:
 * a tool's own description must carry those.
 */
const GROUPS = `
create add make new open register raise file submit log start set insert
cancel abort revoke withdraw stop undo void call-off
delete remove erase drop discard
update change edit modify adjust amend correct alter switch
approve accept confirm authorise authorize sign
reject refuse deny decline
send email notify message mail dispatch forward
book reserve schedule arrange
return send-back bring-back
ship shipping shipment parcel package dispatch consignment
deliver delivery
courier carrier
pickup collect collection
own owner owns
owe owed owing debt debtor
holiday vacation
move transfer relocate shift
status state progress stage situation
price cost charge fee rate amount expensive cheap worth pricey
pay payment paid settle
unpaid outstanding open owed owing
bill invoice
refund reimburse reimbursement money-back
employee staff colleague worker coworker person people teammate
customer client buyer shopper guest
supplier vendor
product item article goods merchandise
stock inventory availability available left remaining quantity on-hand
warehouse depot storage
location place where address site
boss manager supervisor lead head reports-to
team department group unit division
vacation holiday leave pto time-off absence
sick illness ill
salary wage pay compensation
policy rule guideline regulation allowed permitted entitled eligibility handbook
document doc file record
rule policy
contract agreement
phone telephone mobile number
email mail e-mail
title name headline
author writer
film movie
car vehicle automobile
trip journey travel
flight plane
doctor physician
city town
country nation
start begin commence
end finish close complete
date day when time
eta arrival arrive expected estimate
delay late delayed
broken damaged defective faulty
buy purchase order
sell sale
total sum altogether overall combined
average mean
reason why cause
problem issue trouble error fault
note comment remark
summary overview report
history log past
hire hired join joined start
home remote telework wfh
spend spending expense expenses
weight heavy weigh
length long duration
size big large
temperature hot cold warm
`;

const neighbours = new Map<string, Set<string>>();
for (const line of GROUPS.split('\n')) {
  const group = line.split(/\s+/).filter(Boolean);
  const stemmed = group.filter(word => !word.includes('-')).map(stemOf);
  for (const word of stemmed) {
    const set = neighbours.get(word) ?? new Set<string>();
    for (const other of stemmed) if (other !== word) set.add(other);
    neighbours.set(word, set);
  }
}

const NOTHING: ReadonlySet<string> = new Set();

/** Stems that mean nearly the same as this stem. */
export function synonymsOf(stem: string): ReadonlySet<string> {
  return neighbours.get(stem) ?? NOTHING;
}

/** 1 for the same stem, 0.6 for a near-synonym, 0 else. */
export function likeness(a: string, b: string): number {
  if (a === b) return 1;
  return neighbours.get(a)?.has(b) ? 0.6 : 0;
}
