import type { Lexicon } from './Lexicon';

export const english: Lexicon = {
  language: 'en',
  functionWords: `a an the this that these those i me you he him she it we us they them
    is are am was were be been being do does did done has have had having
    of for on at with about as by from to into onto in out up per than then so and or but if when whether
    what who whom whose which where why how there here very
    can could may might must shall should will would ought need needs
    s t ll ve re d m go going be it's what's who's where's`,
  lightWords: `please kindly exactly actually simply located situated`,
  courtesies:
    /^(?:(?:hi|hello|hey|please|so|well|ok|thanks)[,!. ]+)*(?:(?:could|can|would|will) you (?:please )?(?=tell|explain|describe|show|say)|i(?: would|'d) like to know |i want to know |do you know (?=what|who|where|when|why|how|which|if|whether))?(?:please )?(?:(?:tell|show) me )?(?:(?:explain|describe)(?: to me)? (?=how|what|where|why|who|which|when))?/,
  rewrites: [
    [/\bwhat's\b/g, 'what is'],
    [/\b(?:can't|cannot)\b/g, 'can not'],
    [/\bwon't\b/g, 'will not'],
    [/n't\b/g, ' not'],
    [/\bno longer\b/g, 'not'],
    [/\bsummary of\b/g, 'summarise'],
    [/^give me a summarise\b/, 'summarise'],
    [/\bwhat time (?=do|does|is|are|will)/g, 'when '],
    [/\bat when\b/g, 'when'],
    [/\bhow much time (?:do|does|will) (.+) take\b/g, 'how long does $1 take'],
    [/\bhow many days of (\w+)/g, 'how many $1 days'],
    [/\bwhat is the (?:reason|cause) (?:that|why|for)\b/g, 'why'],
    [
      /\bwhat (?:is|are) the (?:way|ways|steps|step|procedure|process) (?:to|for|of)\b/g,
      'how to',
    ],
    [
      /\bwhat (?:do|does) (?:i|we|one|you) (?:have to|need to) do to\b/g,
      'how to',
    ],
    [/\bhow would (?:i|one) go about\b/g, 'how to'],
    [/\bwhat is the (?:price|cost) of\b/g, 'how much costs'],
    [/\bwhat (?:do|does) (.+) cost\b/g, 'how much costs $1'],
    [/\bhow much (?:do|does|will) (.+) cost\b/g, 'how much costs $1'],
    [/\bhow frequently\b/g, 'how often'],
    [
      /\bwhat opening hours (?:do|does) (.+) have\b/g,
      'what are the opening hours of $1',
    ],
    [/\bwhen (?:is|are) (.+) open\b/g, 'what are the opening hours of $1'],
    [
      /\bhow (?:do|does) (.+) differ from (.+)/g,
      'what is the difference between $1 and $2',
    ],
    [/\bis it possible (?:for me )?to\b/g, 'can i'],
    [/\bam i allowed to\b/g, 'can i'],
    [/\bget in touch with\b/g, 'contact'],
    [/\bask for\b/g, 'request'],
    [/\bwhich person\b/g, 'who'],
    [/\bwho is it that\b/g, 'who'],
    [/\bis (.+) (?:needed|required) (?=for)/g, 'do i need $1 '],
    [/\bwhat does (.+) mean\b/g, 'what is $1'],
    [/\bwhat is the meaning of\b/g, 'what is'],
    [/^(?:define|explain) (?=[\w-]+(?: [\w-]+)?[.?!]*$)/, 'what is '],
    [/\bwhat (.+) (?:is|are)[.?!]*$/g, 'what is $1'],
    [/\bwhich (.+) does (.+) require\b/g, 'which $1 are required for $2'],
    [/^which of the\b/, 'which'],
    [/^the /, 'what is the '],
    [/\bhow (?:can|do|could) (?:an? |the )?(.+) be (\w+)/, 'how to $2 $1'],
    [/\bhow (?:can|could) (.+) get (\w+ed)\b/, 'how to $2 $1'],
  ],
  questions: [
    [/^how (?:many|much)\b/, 'quantity'],
    [/^how long\b/, 'duration'],
    [/^how often\b/, 'frequency'],
    [/^how (?:old|far|big|large|high|tall|fast|soon)\b/, 'measure'],
    [
      /^how (?:to|(?:do|can|should|could|would|shall|may|must) (?:i|we|you|one))\b/,
      'how-to',
    ],
    [/^how\b/, 'how'],
    [/^(?:who|whom)\b/, 'who'],
    [/^whose\b/, 'whose'],
    [/^when\b/, 'when'],
    [
      /^where (?:(?:can|do|could|should) (?:i|we|you|one)(?: find)?|is|are)\b/,
      'where',
    ],
    [/^where\b/, 'where-does'],
    [/^why\b/, 'why'],
    [
      /^(?:which|what (?=[a-z]+s? (?:do|does|are|is|can)\b)(?!(?:is|are|do|does|can)\b))/,
      'which',
    ],
    [/^what happens\b/, 'consequence'],
    [/^what\b/, 'what'],
    [
      /^(?:is|are|am|was|were|do|does|did|has|have|had|can|could|may|might|must|shall|should|will|would)\b/,
      'whether',
    ],
  ],
  imperatives: `explain describe define list show give tell summarise summarize translate convert compare
    calculate compute write find name create add update change delete remove cancel reset help open close send
    draft suggest recommend check count sort rank classify extract identify outline provide set turn make please
    hello hi thanks dear yes no ok if in on at for with without to from by as after before during because since`,
  negators: `not no never neither nor without none nobody nothing nowhere hardly unless except lack lacks lacking
    fail fails failed refuse forbidden prohibited banned denied exclude excludes excluding excluded absent`,
  poles: {
    'able+':
      'enable enables enabled activate activates activated allow allows allowed permit permitted',
    'able-':
      'disable disables disabled deactivate deactivates deactivated disallow block blocks blocked',
    'time-':
      'before prior until beforehand previous preceding earlier earliest',
    'time+': 'after afterwards since later latest following next subsequent',
    'much+':
      'more most increase increases increased raise raises greater greatest larger largest higher highest maximum max longest biggest above over exceed',
    'much-':
      'less least fewer fewest decrease decreases decreased reduce reduces reduced lower lowest smaller smallest minimum min shortest below under',
    'in+':
      'in inside into within import imports upload uploads incoming inbound enter join including',
    'in-':
      'out outside export exports download downloads outgoing outbound leave exit',
    'add+':
      'add adds added create creates created insert install attach append assign grant',
    'add-':
      'remove removes removed delete deletes deleted uninstall detach unassign revoke withdraw',
    'open+': 'open opens opened unlock unlocks unlocked',
    'open-': 'close closes closed shut lock locks locked',
    'start+': 'start starts started begin begins first',
    'start-': 'end ends ended stop stops stopped finish finishes last',
    'yes+': 'approve approves approved accept accepts accepted',
    'yes-': 'reject rejects rejected decline declines declined',
    'good+': 'advantage advantages benefit benefits pros best better',
    'good-': 'disadvantage disadvantages drawback drawbacks cons worst worse',
    'trade+': 'buy buys purchase borrow borrows receive receives debit',
    'trade-': 'sell sells lend lends send sends credit',
    'home+': 'domestic internal local online on public',
    'home-': 'international external foreign remote offline off private',
    'gross+': 'gross',
    'gross-': 'net',
    'with+': 'subscribe subscribes connect login onboarding',
    'with-': 'unsubscribe unsubscribes disconnect logout offboarding',
  },
  quantifiers: {
    all: 'all every each everybody everyone always entire whole',
    some: 'some any several sometimes few many',
    most: 'most usually majority',
    only: 'only solely exclusively',
    both: 'both',
    either: 'either',
    half: 'half',
    double: 'double twice',
  },
  modals: {
    can: 'can could may might able',
    must: 'must need needs needed required have-to mandatory obligatory',
    should: 'should ought shall recommended advisable',
  },
  tenses: { past: 'was were did had', future: 'will would' },
  possessives: {
    my: 'my mine our ours i me we us',
    your: 'your yours you',
    his: 'his he him',
    her: 'her hers she',
    their: 'their theirs they them',
    its: 'its',
  },
  numbers: `zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
    seventeen eighteen nineteen twenty`,
  ordinals: 'first second third fourth fifth sixth seventh eighth ninth tenth',
  directions:
    'to from into onto than between by versus vs against over under of and or',
  synonyms: [
    'cancel cancellation',
    'delete remove erase',
    'change modify edit alter adjust update',
    'shipping shipment delivery deliver ship',
    'parcel package',
    'vacation holiday holidays',
    'get receive obtain',
    'contact reach',
    'close shut',
    'maximum max largest',
    'include contain',
    'summarise summarize',
    'need require necessary',
    'laptop notebook',
    'buy purchase',
    'begin start',
    'store save',
    'back backup backed',
    'employee staff',
    'invoice bill',
    'return returning',
    'price cost',
  ],
  timeDependent:
    /\b(?:today|tonight|tomorrow|yesterday|now|nowadays|currently|recent|recently|lately|newest|ago|so far|at the moment|(?:this|next|last|past|coming) (?:hour|day|week|weekend|month|quarter|year|morning|evening|monday|tuesday|wednesday|thursday|friday|saturday|sunday)|(?:the )?latest (?:news|version|release|price|status|update)|current (?:time|date|weather|price|status|version|balance)|weather|news|stock price|what time is it|still|already|yet|up to date)\b/,
  personal: /\b(?:i|i'm|i've|i'd|i'll|me|my|mine|myself|we|us|our|ours)\b/,
  stem: word =>
    word.length < 4
      ? word
      : word
          .replace(/'s$/, '')
          .replace(/ies$/, 'y')
          .replace(/(ss|x|ch|sh)es$/, '$1')
          .replace(/([^su])s$/, '$1')
          .replace(/(?<=[a-z]{3})(?:ing|ed)$/, '')
          .replace(/(?<=[a-z]{2})([bdgmnprt])\1$/, '$1')
          .replace(/e$/, ''),
};
