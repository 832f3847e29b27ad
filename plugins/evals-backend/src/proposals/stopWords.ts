/** Words of three letters and more that say nothing of what a sentence is about, in the languages that failures are told in. */
export const STOP_WORDS: ReadonlySet<string> = new Set(
  [
    // English
    'and any are been being but can could did does doing for from get give had has have her him his how its just let may more not now our out please she should some tell than that the their them then there these they this those too very was were what when where which who why will with would you your',
    // German
    'aber als auch auf aus bei bin bis bitte dann das dass dem den der des die dies diese dieser dieses doch ein eine einem einen einer eines für haben hat hatte ich ihr ihre ist kann kein keine können man mein meine mich mir mit nach nicht noch nur oder schon sein seine sich sie sind über und uns vom von war warum was wenn wer werden wie wir wird wurde zum zur',
    // Spanish
    'como con cual cuando del desde donde ella ellos entre era esa ese eso esta este esto está fue han hay las les los más mis muy nos para pero por porque puede que quiero sea ser sin sobre son sus también tengo tiene una uno usted',
    // French
    'avec aux ces cette comme dans des donc dont elle elles est être était fait ils les leur lui mais mes moi mon même nos notre nous ont par pas plus pour pourquoi que quel quelle qui quoi sans ses son sont sur une vos votre vous',
  ].flatMap(words => words.split(' ')),
);
