/** Categories of relief; the codes are fixed, the labels are translated (domain, "Categories of relief"). */
export const CATEGORIES = ['food', 'shelter', 'medical', 'utilities', 'other'] as const;
export type Category = (typeof CATEGORIES)[number];

/** What a budget line's money is for; only relief has a category. */
export const PURPOSES = ['relief', 'activity', 'fee'] as const;
export type Purpose = (typeof PURPOSES)[number];

/** JIS X 0401 `01`–`47`, and `99` for unknown. */
export const PREFECTURES: readonly string[] = [
  ...Array.from({ length: 47 }, (_, index) => String(index + 1).padStart(2, '0')),
  '99',
];

/** BCP 47 tags of the languages that members speak with people; `ja-Hira-easy` is plain Japanese. */
export const LANGUAGES =
  'ja ja-Hira-easy en pt es vi zh tl ne my id km th ko mn tr uk fr ar fa ku bn ur si ta am sw ln'.split(' ');

export const AGE_BANDS = ['0-5', '6-17', '18-29', '30-49', '50-64', '65+', 'unknown'] as const;
export type AgeBand = (typeof AGE_BANDS)[number];

/** The six groups that reports may show; a status itself is encrypted (formats, "Codes"). */
export const RESIDENCE_GROUPS = [
  'settled',
  'work',
  'study_family',
  'short_designated',
  'asylum_pending',
  'no_status',
  'unknown',
] as const;
export type ResidenceGroup = (typeof RESIDENCE_GROUPS)[number];

/** The statuses of the immigration act and those beside it, each with the group that it rolls up to. */
export const RESIDENCE_STATUSES = {
  permanent_resident: 'settled',
  spouse_of_japanese: 'settled',
  spouse_of_permanent_resident: 'settled',
  long_term_resident: 'settled',
  special_permanent_resident: 'settled',
  diplomat: 'work',
  official: 'work',
  professor: 'work',
  artist: 'work',
  religious_activities: 'work',
  journalist: 'work',
  highly_skilled_professional: 'work',
  business_manager: 'work',
  legal_accounting: 'work',
  medical_services: 'work',
  researcher: 'work',
  instructor: 'work',
  engineer_humanities_international: 'work',
  intra_company_transferee: 'work',
  nursing_care: 'work',
  entertainer: 'work',
  skilled_labour: 'work',
  specified_skilled_worker: 'work',
  technical_intern: 'work',
  cultural_activities: 'study_family',
  student: 'study_family',
  trainee: 'study_family',
  dependent: 'study_family',
  temporary_visitor: 'short_designated',
  designated_activities: 'short_designated',
  temporary_refuge: 'short_designated',
  departure_preparation: 'short_designated',
  provisional_release: 'no_status',
  supervisory_measure: 'no_status',
  no_status: 'no_status',
  detained: 'no_status',
  unknown: 'unknown',
  not_asked: 'unknown',
} as const satisfies Record<string, ResidenceGroup>;
export type ResidenceStatus = keyof typeof RESIDENCE_STATUSES;

export const ASYLUM_STAGES = [
  'none',
  'preparing',
  'first_application',
  'review',
  'repeated',
  'in_court',
  'recognised',
  'complementary_protection',
  'rejected',
] as const;
export type AsylumStage = (typeof ASYLUM_STAGES)[number];

const PENDING: readonly AsylumStage[] = ['preparing', 'first_application', 'review', 'repeated', 'in_court'];

/**
 * The group that figures count a person in. Someone without a settled status whose asylum claim is open counts
 * as asylum pending, because that is what decides which help they can get.
 */
export function residenceGroupOf(
  status?: ResidenceStatus | null,
  stage?: AsylumStage | null,
): ResidenceGroup {
  const group = status ? RESIDENCE_STATUSES[status] : 'unknown';
  return stage && PENDING.includes(stage) && group !== 'settled' ? 'asylum_pending' : group;
}
