# ruff: noqa: E501 - sentences as they stand on paper
"""What letters say besides whom they are about: sentences by kind of document, practices, results."""

PRACTICES = (
    "Valley Cardiology Associates|Lakeside Orthopedics & Sports Medicine|North Shore Dermatology, PC|"
    "Summit GI Consultants|University Neurology Clinic|Cedar Hill Endocrinology|Harborview Pulmonary Group|"
    "Prairie Rheumatology, LLC|St. Anne's Kidney Center|Ridgeline Urology|Family Eye Care of Worcester|"
    "Blue River Hematology & Oncology|Commonwealth Vascular Surgery|Oak Park Ear, Nose & Throat|Tri-County Pain Center"
).split("|")
IMAGING = (
    "Bayview Imaging Center",
    "Metro Radiology Partners",
    "Open MRI of the Valley",
    "Hillcrest Diagnostic Imaging",
)
LABORATORIES = ("Mercy Hospital Laboratory", "Pioneer Reference Laboratories", "Lakeshore Pathology, SC")
HOSPITALS = (
    "Mercy General Hospital",
    "St. Vincent Medical Center",
    "Good Samaritan Hospital",
    "Riverside Community Hospital",
)

HISTORIES = (
    "Symptoms began several weeks ago and have been slowly progressive. There is no fever, weight loss or night sweats.",
    "The complaint has been intermittent for about four months, worse in the evening and partly relieved by rest.",
    "There is no orthopnea, no edema and no syncope. Exercise tolerance is about two blocks on the flat.",
    "The patient was well until last spring, when numbness of the left hand was first noticed on waking.",
    "Two courses of antibiotics were given without lasting effect. Past history is notable for hypertension since 2011.",
    "Family history is notable for early coronary disease in a brother and breast cancer in an aunt.",
    "There was a fall on the stairs in March; films at that time showed no fracture. Pain is 4 of 10 at rest.",
    "Current medications include lisinopril 20 mg daily, atorvastatin 40 mg at night and a daily aspirin.",
)
FINDINGS = (
    "Blood pressure 132/78, pulse 72 and regular, weight 178 pounds. Comfortable, in no distress.",
    "The lungs are clear. The heart has a regular rhythm with a soft systolic murmur at the apex. No edema.",
    "There is mild tenderness over the joint line, full range of movement and no effusion. Gait is normal.",
    "Skin shows three well-defined scaly plaques on the elbows. Nails are normal. No lymph nodes are felt.",
    "Cranial nerves are intact. Strength is 5/5 throughout, reflexes are brisk and symmetric, sensation is reduced.",
    "The abdomen is soft without masses. Bowel sounds are present. Rectal examination was deferred.",
)
PLANS = (
    "Findings are consistent with a benign process. I recommend continuing the present treatment; no procedure is needed.",
    "I have started a low dose of metoprolol and asked for repeat laboratory work in six weeks at your office.",
    "I recommend conservative management with physical therapy and a repeat study in six months if pain continues.",
    "We discussed the risks and benefits of surgery. The patient prefers to wait and will return in three months.",
    "An upper endoscopy with biopsies will be arranged. Please continue omeprazole 20 mg daily until then.",
    "Follow-up in this office in 3 months, sooner if symptoms change. Please call with any questions.",
)
DECLINES = (
    "Unfortunately we are unable to accept this referral because we do not treat this condition in our practice.",
    "We regret that we cannot accept this patient: we are out of network with the patient's insurance plan.",
    "Our practice is not accepting new patients at this time. Please refer the patient elsewhere.",
    "After review of the records, we must respectfully decline this referral; it is outside of our scope.",
)
REQUESTS = (
    "Please send the most recent office note, laboratory results and medication list before we can schedule this patient.",
    "We need additional information to process your referral: a copy of the insurance card and the last EKG.",
    "The referral is incomplete. Please fax the prior imaging report and the diagnosis code to our office.",
    "Your referral is on hold. The records were not included and prior authorization is required.",
)
NO_SHOWS = (
    "The patient did not show for the appointment on {day} and has not called to reschedule.",
    "This letter is to inform you that your patient missed the scheduled appointment on {day}. We were not called.",
    "Please be advised that the patient failed to keep the appointment of {day} with our office.",
)
RECEIPTS = (
    "We have received your referral and will call the patient to schedule within five business days.",
    "This confirms receipt of your referral. The patient has been placed on our waiting list, about 6 to 8 weeks.",
    "Thank you for your referral, which we have accepted. Our scheduler will contact the patient.",
)
IMAGING_EXAMS = (
    (
        "MRI LUMBAR SPINE WITHOUT CONTRAST",
        "Mild degenerative change at L4-L5. No canal stenosis.",
        "No acute abnormality.",
    ),
    (
        "CT CHEST WITH CONTRAST",
        "A 4 mm nodule in the right upper lobe is unchanged.",
        "Stable nodule. Follow-up in 12 months.",
    ),
    (
        "XR KNEE 3 VIEWS LEFT",
        "Joint spaces are kept. No fracture or effusion.",
        "Unremarkable radiographs of the knee.",
    ),
    (
        "US ABDOMEN COMPLETE",
        "The liver is of normal size and echo pattern. No gallstones.",
        "Normal abdominal ultrasound.",
    ),
)
LAB_ROWS = (
    ("Hemoglobin", "13.2", "g/dL", "12.0-16.0"),
    ("Hematocrit", "39.8", "%", "36.0-46.0"),
    ("Platelets", "244", "K/uL", "150-400"),
    ("Creatinine", "0.94", "mg/dL", "0.60-1.20"),
    ("Potassium", "4.1", "mmol/L", "3.5-5.1"),
    ("TSH", "2.14", "mIU/L", "0.40-4.50"),
    ("Glucose", "103", "mg/dL", "70-99"),
    ("A1c", "5.6", "%", "4.0-5.6"),
)
